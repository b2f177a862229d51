#include "engine/formats/hl7v2/ack_texts.h"

#include <array>

#include <fmt/format.h>

#include "engine/formats/encoding/converter.h"
#include "engine/formats/hl7v2/guard.h"

namespace causeway::hl7v2 {
namespace {

constexpr std::size_t err_text_bytes = 250;
constexpr int errors_have_fields = 20500;  // version: ERR-2 and on, instead of ERR-1

/// HL7 table 0357 (message error condition codes).
std::string_view error_meaning(std::string_view code) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> meanings{{
      {"100", "Segment sequence error"},
      {"101", "Required field missing"},
      {"102", "Data type error"},
      {"103", "Table value not found"},
      {"104", "Value too long"},
      {"198", "Non-conformant cardinality"},
      {"199", "Other HL7 error"},
      {"200", "Unsupported message type"},
      {"201", "Unsupported event code"},
      {"202", "Unsupported processing id"},
      {"203", "Unsupported version id"},
      {"204", "Unknown key identifier"},
      {"205", "Duplicate key identifier"},
      {"206", "Application record locked"},
  }};
  for (const auto& [known, meaning] : meanings)
    if (known == code) return meaning;
  return "Application internal error";
}

/// Cut between characters; control characters become blanks.
std::string fit(std::string_view text, std::size_t most) {
  if (text.size() > most) {
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
    text = text.substr(0, most);
  }
  std::string fitted(text);
  for (auto& c : fitted) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = ' ';
  }
  return fitted;
}

/// What is no UTF-8, and what the set has no place for, becomes a question mark.
std::string encoded(std::string_view text, const encoding::CharacterSet* set) {
  if (encoding::ascii_prefix(text) == text.size()) return std::string(text);
  const auto& to = set && set->shape != encoding::Shape::Wide ? *set : encoding::ascii();
  auto converter = encoding::Converter::make(encoding::utf8(), to);
  std::string out;
  if (converter)
    converter->convert(text, out, [](std::string_view, std::string& into) { into += '?'; });
  return out;
}

}  // namespace

std::string condition_code(const AckRequest& request) {
  if (!request.error_code.empty()) return std::string(request.error_code);
  if (!request.findings.empty()) return std::string(error_code(request.findings.front()));
  return "207";
}

std::string AckTexts::field(std::string_view text, std::size_t bytes_max) const {
  const auto value = encoded(fit(text, bytes_max), set_);
  const auto* to_guard = set_to_guard(set_);
  const auto copy = to_guard ? guarded(value, *to_guard, delimiters_) : std::nullopt;
  return escape(value, copy ? *copy : value, delimiters_);
}

std::string AckTexts::condition(std::string_view code, char separator) const {
  const auto plain = escape(code, delimiters_);
  if (separator == no_delimiter) return plain;
  return fmt::format("{}{}{}{}HL70357", plain, separator, error_meaning(code), separator);
}

void AckTexts::append_errors(const AckRequest& request, int version, std::string& out) const {
  if (version < errors_have_fields) {
    if (!request.findings.empty()) append_code_and_location(request.findings, out);
    return;
  }
  if (request.findings.empty())
    return append_error({}, condition_code(request), 'E', request.text, out);
  std::size_t count = 0;
  for (const auto& finding : request.findings) {
    if (++count > ack_findings_max) return;
    append_error(location(finding.location), error_code(finding),
                 finding.level == Level::Reject ? 'E' : 'W', finding.text, out);
  }
}

/// ERL: segment, its number, field, repetition, component, subcomponent.
std::string AckTexts::location(const Location& location) const {
  if (location.segment.empty()) return {};
  std::string text = escape(location.segment, delimiters_);
  const int numbers[] = {std::max(location.segment_number, 1), location.field,
                         location.field > 0 ? std::max(location.repetition, 1) : 0,
                         location.component, location.subcomponent};
  for (int number : numbers) {
    if (number == 0) break;
    text += fmt::format("{}{}", delimiters_.component, number);
  }
  return text;
}

void AckTexts::append_error(std::string_view place, std::string_view code, char severity,
                            std::string_view text, std::string& out) const {
  const char f = delimiters_.field;
  out += fmt::format("ERR{}{}{}{}{}{}{}", f, f, place, f, condition(code, delimiters_.component), f,
                     severity);
  if (!text.empty()) out += std::string(4, f) + field(text, err_text_bytes);
  out += '\r';
}

/// ERR-1, up to 2.4: segment, its number, field, and the code in subcomponents.
void AckTexts::append_code_and_location(const std::vector<Finding>& findings,
                                        std::string& out) const {
  out += std::string("ERR") + delimiters_.field;
  std::size_t count = 0;
  for (const auto& finding : findings) {
    if (++count > ack_findings_max) break;
    if (count > 1 && delimiters_.repetition == no_delimiter) break;
    if (count > 1) out += delimiters_.repetition;
    const auto& at = finding.location;
    out += fmt::format("{}{}{}{}{}{}{}", escape(at.segment, delimiters_), delimiters_.component,
                       at.segment.empty() ? 0 : std::max(at.segment_number, 1),
                       delimiters_.component, at.field, delimiters_.component,
                       condition(error_code(finding), delimiters_.subcomponent));
  }
  out += '\r';
}

}  // namespace causeway::hl7v2
