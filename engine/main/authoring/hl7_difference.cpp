#include "engine/main/authoring/hl7_difference.h"

#include "engine/formats/hl7v2/difference.h"
#include "engine/formats/hl7v2/grammar/message_structure.h"

namespace causeway {
namespace {

std::optional<hl7v2::Message> read(std::string_view text) {
  auto message = hl7v2::Message::parse(make_bytes(std::string(text)));
  if (!message) return std::nullopt;
  message->use_groups(hl7v2::structure_groups());
  return *message;
}

Difference in_words(const hl7v2::Difference& found) {
  using Kind = hl7v2::Difference::Kind;
  Difference difference;
  difference.expected = found.text_before;
  difference.actual = found.text_after;
  difference.place = to_string(found.kind == Kind::SegmentRemoved ? found.before : found.after);
  if (found.kind == Kind::SegmentRemoved) difference.kind = Difference::Kind::Missing;
  if (found.kind == Kind::SegmentAdded) difference.kind = Difference::Kind::Unexpected;
  return difference;
}

}  // namespace

std::optional<std::vector<Difference>> hl7_differences(std::string_view expected,
                                                       std::string_view actual,
                                                       const std::vector<std::string>& mask) {
  const auto before = read(expected), after = read(actual);
  if (!before || !after) return std::nullopt;
  hl7v2::DifferenceOptions options;
  options.raw = true;
  for (const auto& text : mask)
    if (auto path = hl7v2::parse_path(text)) options.ignored.push_back(std::move(*path));
  std::vector<Difference> differences;
  for (const auto& found : hl7v2::differences(*before, *after, options))
    if (differences.size() < differences_max) differences.push_back(in_words(found));
  return differences;
}

}  // namespace causeway
