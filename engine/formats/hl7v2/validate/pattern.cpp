#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/formats/hl7v2/validate/pattern.h"

#include <pcre2.h>

namespace causeway::hl7v2 {

struct Pattern::Code {
  pcre2_code* code = nullptr;
  pcre2_match_context* limits = nullptr;
  ~Code() {
    pcre2_match_context_free(limits);
    pcre2_code_free(code);
  }
};

Pattern::Pattern(std::unique_ptr<Code> code) : code_(std::move(code)) {}
Pattern::~Pattern() = default;

Result<std::shared_ptr<const Pattern>> Pattern::compile(std::string_view text) {
  if (text.size() > pattern_bytes_max)
    return Error{ErrorKind::Limit, "", "a regular expression that is too long"};
  auto code = std::make_unique<Code>();
  int error = 0;
  PCRE2_SIZE offset = 0;
  code->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                             PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY, &error,
                             &offset, nullptr);
  if (!code->code)
    return Error{ErrorKind::Invalid, "", "not a regular expression, at " + std::to_string(offset)};
  code->limits = pcre2_match_context_create(nullptr);
  pcre2_set_match_limit(code->limits, steps_max);
  return std::shared_ptr<const Pattern>(new Pattern(std::move(code)));
}

std::optional<bool> Pattern::matches(std::string_view text) const {
  auto* data = pcre2_match_data_create_from_pattern(code_->code, nullptr);
  const int found = pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                0, 0, data, code_->limits);
  pcre2_match_data_free(data);
  if (found >= 0) return true;
  if (found == PCRE2_ERROR_NOMATCH) return false;
  return std::nullopt;
}

}  // namespace causeway::hl7v2
