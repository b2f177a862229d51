#include "connectors/dicom/status.h"

#include <algorithm>
#include <charconv>

namespace causeway::connectors::dicom {
namespace {

constexpr std::size_t digits = 4;
constexpr std::size_t comment_characters_max = 64;  // of an LO (PS3.7 annex C)

/// Error comments are ASCII here, without the backslash that parts values.
std::string as_comment(std::string_view text) {
  std::string comment(text.substr(0, comment_characters_max));
  for (auto& c : comment)
    if (c < ' ' || c > '~' || c == '\\') c = '?';
  return comment;
}

std::uint16_t failure_of(const Verdict& verdict) {
  if (verdict.kind == ErrorKind::Invalid) return statuses::cannot_understand;
  return verdict.code == Verdict::Code::Reject ? statuses::out_of_resources
                                               : statuses::processing_failure;
}

constexpr bool is_between(std::uint16_t status, std::uint16_t low, std::uint16_t high) {
  return status >= low && status <= high;
}

bool is_warning(std::uint16_t status) {
  return status == 0x0001 || status == 0x0107 || status == 0x0116 ||
         is_between(status, 0xB000, 0xBFFF);
}

}  // namespace

std::optional<StatusLine> read_status_line(std::string_view text) {
  if (text.size() < digits || (text.size() > digits && text[digits] != ' ')) return std::nullopt;
  StatusLine line;
  const auto read = std::from_chars(text.data(), text.data() + digits, line.status, 16);
  if (read.ec != std::errc() || read.ptr != text.data() + digits) return std::nullopt;
  line.comment = as_comment(text.substr(std::min(digits + 1, text.size())));
  return line;
}

std::string write_status_line(const StatusLine& line) {
  static constexpr std::string_view letters = "0123456789ABCDEF";
  std::string text;
  for (int shift = 12; shift >= 0; shift -= 4) text += letters[line.status >> shift & 0xF];
  if (!line.comment.empty()) text.append(" ").append(line.comment);
  return text;
}

StatusLine status_of(const Verdict& verdict) {
  if (verdict.verbatim)
    if (auto line = read_status_line(*verdict.verbatim)) return *line;
  if (verdict.code == Verdict::Code::Accept) return {statuses::success, {}};
  return {failure_of(verdict), as_comment(verdict.text)};
}

bool StatusOutcomes::is_good(std::uint16_t status) {
  return status == statuses::success || is_warning(status);
}

Outcome StatusOutcomes::of(std::uint16_t status) const {
  if (is_good(status)) return Outcome::Delivered;
  if (is_between(status, 0xA700, 0xA7FF)) return out_of_resources;
  if (status == statuses::processing_failure) return processing_failure;
  if (status == statuses::not_authorized) return not_authorized;
  return status == statuses::duplicate_instance ? duplicate : others;
}

std::string_view meaning_of(std::uint16_t status) {
  if (status == statuses::success) return "success";
  if (is_warning(status)) return "done, with a warning";
  if (is_between(status, 0xA700, 0xA7FF)) return "refused: out of resources";
  if (is_between(status, 0xA900, 0xA9FF)) return "the data set doesn't match its SOP class";
  if (is_between(status, 0xC000, 0xCFFF)) return "the data set can't be understood";
  switch (status) {
    case statuses::cancelled:
      return "cancelled";
    case statuses::processing_failure:
      return "processing failure";
    case statuses::duplicate_instance:
      return "duplicate SOP instance";
    case statuses::invalid_instance:
      return "invalid SOP instance";
    case statuses::sop_class_not_supported:
      return "SOP class not supported";
    case statuses::not_authorized:
      return "refused: not authorized";
    case statuses::unrecognized_operation:
      return "unrecognized operation";
    default:
      return "failure";
  }
}

}  // namespace causeway::connectors::dicom
