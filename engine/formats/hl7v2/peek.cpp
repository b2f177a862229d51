// Reading single values straight from the bytes, for order keys and search terms.
#include <algorithm>

#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

/// Adds all repetitions of the path's field (or the one it names) in this segment.
void add_values(std::string_view segment, const Delimiters& delimiters, Path path, std::size_t most,
                std::vector<std::string_view>& values) {
  bool every =
      path.field > 0 && path.repetition == 0 && !(path.field <= 2 && declares_delimiters(segment));
  if (!every) {
    auto value = value_in(segment, delimiters, path);
    if (value && !value->empty()) values.push_back(*value);
    return;
  }
  auto field = field_of(segment, delimiters.field, path.field);
  while (field && values.size() < most) {
    auto repetition = *part(*field, delimiters.repetition, 1);
    std::optional<std::string_view> value = repetition;
    if (path.component > 0) value = part(*value, delimiters.component, path.component);
    if (value && path.subcomponent > 0)
      value = part(*value, delimiters.subcomponent, path.subcomponent);
    if (value && !value->empty()) values.push_back(*value);
    if (repetition.size() == field->size()) break;
    field->remove_prefix(repetition.size() + 1);
  }
}

}  // namespace

std::optional<std::string_view> peek(std::string_view bytes, const Path& path) {
  SegmentScanner segments(bytes, start_of_message(bytes));
  if (!segments.next()) return std::nullopt;
  auto delimiters = read_delimiters(segments.text());
  if (!delimiters) return std::nullopt;
  int wanted = std::max(path.segment_index, 1);
  do {
    if (has_name(segments.text(), path.segment, delimiters->field) && --wanted == 0)
      return value_in(segments.text(), *delimiters, path);
  } while (segments.next());
  return std::nullopt;
}

std::vector<std::string_view> peek_all(std::string_view bytes, const Path& path, std::size_t most) {
  std::vector<std::string_view> values;
  SegmentScanner segments(bytes, start_of_message(bytes));
  if (!segments.next()) return values;
  auto delimiters = read_delimiters(segments.text());
  if (!delimiters) return values;
  int seen = 0;
  do {
    if (!has_name(segments.text(), path.segment, delimiters->field)) continue;
    if (path.segment_index > 0 && ++seen != path.segment_index) continue;
    add_values(segments.text(), *delimiters, path, most, values);
  } while (values.size() < most && segments.next());
  if (values.size() > most) values.resize(most);
  return values;
}

}  // namespace causeway::hl7v2
