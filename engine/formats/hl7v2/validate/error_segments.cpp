#include "engine/formats/hl7v2/validate/error_segments.h"

#include "engine/formats/hl7v2/grammar/grammar.h"

namespace causeway::hl7v2 {
namespace {

constexpr std::size_t error_text_max = 250;

std::string number_or_none(int number) {
  return number > 0 ? std::to_string(number) : std::string();
}

/// Without the delimiters that only empty values stand behind.
std::string trimmed(std::string text, char delimiter) {
  while (!text.empty() && text.back() == delimiter) text.pop_back();
  return text;
}

/// "PID^1^3^2^4": segment, its number, field, repetition, component, subcomponent.
std::string location_text(const Location& at, const Delimiters& delimiters) {
  std::string text = at.segment;
  for (int number : {at.segment_number, at.field, at.field > 0 ? at.repetition : 0, at.component,
                     at.subcomponent})
    text += delimiters.component + number_or_none(number);
  return trimmed(std::move(text), delimiters.component);
}

std::string condition_text(const Finding& finding, const Delimiters& delimiters, char separator) {
  const auto code = error_code(finding);
  const auto meaning = code_meaning("0357", code);
  return std::string(code) + separator + escape(meaning, delimiters) + separator + "HL70357";
}

std::string modern_segment(const Finding& finding, const Delimiters& delimiters) {
  const std::string bar(1, delimiters.field);
  const auto text = escape(finding.text.substr(0, error_text_max), delimiters);
  return "ERR" + bar + bar + location_text(finding.location, delimiters) + bar +
         condition_text(finding, delimiters, delimiters.component) + bar + "E" + bar + bar + bar +
         bar + text;
}

/// ERR-1, a repetition: segment, number, field, code and its text.
std::string old_repetition(const Finding& finding, const Delimiters& delimiters) {
  const auto& at = finding.location;
  return at.segment + delimiters.component + number_or_none(at.segment_number) +
         delimiters.component + number_or_none(at.field) + delimiters.component +
         condition_text(finding, delimiters, delimiters.subcomponent);
}

bool is_modern(std::string_view version) {
  for (auto old : {"2.1", "2.2", "2.3", "2.3.1", "2.4"})
    if (version == old) return false;
  return true;
}

}  // namespace

std::vector<std::string> error_segments(const std::vector<Finding>& findings,
                                        std::string_view version, const Delimiters& delimiters) {
  std::vector<std::string> segments;
  std::string old;
  std::size_t count = 0;
  for (const auto& finding : findings) {
    if (finding.level != Level::Reject) continue;
    if (++count > error_segments_max) break;
    if (is_modern(version))
      segments.push_back(modern_segment(finding, delimiters));
    else
      old += (old.empty() ? std::string() : std::string(1, delimiters.repetition)) +
             old_repetition(finding, delimiters);
  }
  if (!old.empty()) segments.push_back("ERR" + std::string(1, delimiters.field) + old);
  return segments;
}

std::string with_error_segments(std::string answer, const std::vector<std::string>& segments) {
  auto message = Message::parse(make_bytes(answer));
  if (!message || !message->find_segment("MSA")) return answer;
  while (const auto at = message->find_segment("ERR"))
    if (!message->remove_segment(*at)) return answer;
  auto place = *message->find_segment("MSA") + 1;
  for (const auto& segment : segments)
    if (!message->insert_segment(place++, segment)) return answer;
  return *message->bytes();
}

}  // namespace causeway::hl7v2
