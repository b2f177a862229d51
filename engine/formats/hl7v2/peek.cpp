// Reading single values straight from the bytes, for order keys and search terms.
#include <algorithm>

#include "engine/formats/hl7v2/grammar/message_structure.h"
#include "engine/formats/hl7v2/guard.h"
#include "engine/formats/hl7v2/message.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

/// Adds all repetitions of the path's field (or the one it names) in this segment.
void add_values(std::string_view segment, const Delimiters& delimiters, Path path, std::size_t most,
                std::vector<std::string_view>& values) {
  bool all =
      path.field > 0 && path.repetition <= 0 && !(path.field <= 2 && declares_delimiters(segment));
  if (!all) {
    auto value = value_in(segment, delimiters, path);
    if (value && !value->empty()) values.push_back(*value);
    return;
  }
  auto field = field_of(segment, delimiters.field, path.field);
  while (field && values.size() < most) {
    auto repetition = *part(*field, delimiters.repetition, 1);
    auto value = component_in(repetition, delimiters, path);
    if (value && !value->empty()) values.push_back(*value);
    if (repetition.size() == field->size()) break;
    field->remove_prefix(repetition.size() + 1);
  }
}

/// A message whose segments are walked; what is found in a guarded copy is read from the original.
class Walk {
 public:
  explicit Walk(std::string_view bytes) : bytes_(bytes) {
    const auto beginning = read_beginning(bytes);
    if (!beginning) return;
    delimiters_ = beginning->header.delimiters;
    if (beginning->guarded_set) guarded_ = guarded(bytes, *beginning->guarded_set, delimiters_);
    segments_.emplace(scanned(), beginning->segments.offset());
  }

  bool next() { return segments_ && segments_->next(); }
  std::string_view text() const { return segments_->text(); }
  const Delimiters& delimiters() const { return delimiters_; }
  std::string_view original(std::string_view found) const {
    return guarded_ ? bytes_.substr(static_cast<std::size_t>(found.data() - guarded_->data()),
                                    found.size())
                    : found;
  }

 private:
  std::string_view scanned() const { return guarded_ ? std::string_view(*guarded_) : bytes_; }

  std::string_view bytes_;
  Delimiters delimiters_;
  std::optional<std::string> guarded_;
  std::optional<SegmentScanner> segments_;
};

/// Where groups are, only the message's structure says: it is built for this.
std::vector<std::string_view> peek_in_groups(std::string_view bytes, const Path& path) {
  std::vector<std::string_view> values;
  auto message = Message::parse(make_bytes(std::string(bytes)));
  if (!message) return values;
  message->use_groups(structure_groups());
  const auto copy = message->bytes();
  for (const auto& match : message->matches(path)) {
    const auto offset = match.raw.data() - copy->data();
    values.push_back(bytes.substr(static_cast<std::size_t>(offset), match.raw.size()));
  }
  return values;
}

/// All that it leaves open: every group, segment and repetition.
Path every_one(Path path) {
  for (auto& group : path.groups)
    if (group.index == 0) group.index = every;
  if (path.segment_index == 0) path.segment_index = every;
  if (path.field > 0 && path.repetition == 0) path.repetition = every;
  return path;
}

}  // namespace

std::optional<std::string_view> peek(std::string_view bytes, const Path& path) {
  if (!path.groups.empty()) {
    const auto values = peek_in_groups(bytes, path);
    return values.empty() ? std::nullopt : std::optional(values.front());
  }
  Walk walk(bytes);
  int wanted = std::max(path.segment_index, 1);
  while (walk.next()) {
    if (!has_name(walk.text(), path.segment, walk.delimiters().field) || --wanted > 0) continue;
    auto value = value_in(walk.text(), walk.delimiters(), path);
    if (value) value = walk.original(*value);
    return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> peek_all(std::string_view bytes, const Path& path, std::size_t most) {
  std::vector<std::string_view> values;
  if (!path.groups.empty()) {
    values = peek_in_groups(bytes, every_one(path));
    std::erase_if(values, [](auto value) { return value.empty(); });
    values.resize(std::min(values.size(), most));
    return values;
  }
  Walk walk(bytes);
  int seen = 0;
  while (values.size() < most && walk.next()) {
    if (!has_name(walk.text(), path.segment, walk.delimiters().field)) continue;
    if (path.segment_index > 0 && ++seen != path.segment_index) continue;
    add_values(walk.text(), walk.delimiters(), path, most, values);
  }
  if (values.size() > most) values.resize(most);
  for (auto& value : values) value = walk.original(value);
  return values;
}

}  // namespace causeway::hl7v2
