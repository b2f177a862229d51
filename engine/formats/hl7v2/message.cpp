// Message: indexing the segments and reading values. Edits are in edit.cpp.
#include "engine/formats/hl7v2/message.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/formats/hl7v2/guard.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

/// So that the index of most messages is allocated once.
constexpr std::size_t typical_segment_bytes = 40;
constexpr std::size_t reserved_segments_max = 4096;

/// Of the first segment: how it ends is how added ones will.
std::string end_of_segment(std::string_view after) {
  if (after.starts_with("\r\n")) return "\r\n";
  return after.starts_with("\n") ? "\n" : "\r";
}

std::string_view same_place(std::string_view found, std::string_view in, std::string_view text) {
  return text.substr(static_cast<std::size_t>(found.data() - in.data()), found.size());
}

}  // namespace

Result<Message> Message::parse(Bytes bytes, const encoding::CharacterSet* set) {
  if (!bytes || bytes->empty()) return Error{ErrorKind::Invalid, "MSH", "the message is empty"};
  if (bytes->size() > bytes_max)
    return Error{ErrorKind::Limit, "", fmt::format("the message has over {} bytes", bytes_max)};
  auto beginning = read_beginning(*bytes);
  if (!beginning) return std::move(beginning).error();
  Message message;
  message.delimiters_ = beginning->header.delimiters;
  message.leading_bytes_ = beginning->segments.offset();
  message.guarded_set_ = set ? set_to_guard(set) : beginning->guarded_set;
  auto segments = beginning->segments;
  if (auto copy = message.guarded_copy(*bytes)) {
    message.guarded_ = make_bytes(std::move(*copy));
    segments = SegmentScanner(*message.guarded_, message.leading_bytes_);
    segments.next();
  }
  message.segment_end_ = end_of_segment(segments.end());
  auto indexed = message.build_index(segments, bytes->size());
  if (!indexed) return std::move(indexed).error();
  message.original_ = std::move(bytes);
  return message;
}

/// `segments` stands at the first.
Status Message::build_index(SegmentScanner segments, std::size_t length) {
  segments_.reserve(std::min(length / typical_segment_bytes + 4, reserved_segments_max));
  do {
    if (segments_.size() == segments_max)
      return Error{ErrorKind::Limit, "",
                   fmt::format("the message has over {} segments", segments_max)};
    segments_.push_back({static_cast<std::uint32_t>(segments.offset()),
                         static_cast<std::uint32_t>(segments.text().size()),
                         static_cast<std::uint32_t>(segments.end_length())});
  } while (segments.next());
  return Done{};
}

std::optional<std::string> Message::guarded_copy(std::string_view text) const {
  if (!guarded_set_) return std::nullopt;
  return guarded(text, *guarded_set_, delimiters_);
}

std::string_view Message::segment_text(std::size_t index) const {
  const auto& segment = segments_.at(index);
  if (segment.edit >= 0) return edits_[static_cast<std::size_t>(segment.edit)].text;
  return std::string_view(*original_).substr(segment.offset, segment.length);
}

std::string_view Message::scanned_text(std::size_t index) const {
  const auto& segment = segments_.at(index);
  if (segment.edit >= 0) {
    const auto& edit = edits_[static_cast<std::size_t>(segment.edit)];
    return edit.guarded ? *edit.guarded : edit.text;
  }
  const auto& scanned = guarded_ ? *guarded_ : *original_;
  return std::string_view(scanned).substr(segment.offset, segment.length);
}

std::string_view Message::original_of(std::size_t index, std::string_view scanned) const {
  return guarded_set_ ? same_place(scanned, scanned_text(index), segment_text(index)) : scanned;
}

std::string_view Message::segment_name(std::size_t index) const {
  return *part(segment_text(index), delimiters_.field, 1);
}

std::optional<std::size_t> Message::find_segment(std::string_view name, int n) const {
  for (std::size_t i = 0; i < segments_.size(); ++i)
    if (has_name(segment_text(i), name, delimiters_.field) && --n <= 0) return i;
  return std::nullopt;
}

std::optional<std::size_t> Message::find_segment(const Path& path) const {
  if (path.groups.empty()) return find_segment(path.segment, std::max(path.segment_index, 1));
  return find_segment(path, all_segments());
}

std::optional<std::size_t> Message::find_segment(const Path& path,
                                                 const SegmentRange& within) const {
  auto range = within;
  for (const auto& group : path.groups) {
    const auto found = find_group(group.name, std::max(group.index, 1), range);
    if (!found) return std::nullopt;
    range = *found;
  }
  int wanted = std::max(path.segment_index, 1);
  for (auto i = range.begin; i < std::min(range.end, segments_.size()); ++i)
    if (has_name(segment_text(i), path.segment, delimiters_.field) && --wanted == 0) return i;
  return std::nullopt;
}

int Message::count_segments(std::string_view name) const {
  int count = 0;
  for (std::size_t i = 0; i < segments_.size(); ++i)
    if (has_name(segment_text(i), name, delimiters_.field)) ++count;
  return count;
}

std::optional<std::string_view> Message::raw_in(std::size_t segment, const Path& path) const {
  auto value = value_in(scanned_text(segment), delimiters_, path);
  if (value) value = original_of(segment, *value);
  return value;
}

std::string_view Message::raw(const Path& path) const {
  auto index = find_segment(path);
  return index ? raw_in(*index, path).value_or(std::string_view()) : std::string_view();
}

std::string Message::decoded_in(std::size_t segment, const Path& path) const {
  auto scanned = value_in(scanned_text(segment), delimiters_, path);
  if (!scanned) return {};
  auto value = original_of(segment, *scanned);
  // The declaration of the delimiters is not written in them.
  if (path.field <= 2 && declares_delimiters(segment_text(segment))) return std::string(value);
  return unescape(value, *scanned, delimiters_);
}

std::string Message::get(const Path& path) const {
  auto index = find_segment(path);
  return index ? decoded_in(*index, path) : std::string();
}

Presence Message::presence(const Path& path) const {
  auto index = find_segment(path);
  auto value = index ? raw_in(*index, path) : std::nullopt;
  if (!value) return Presence::Absent;
  if (value->empty()) return Presence::Empty;
  return *value == "\"\"" ? Presence::Null : Presence::Valued;
}

bool Message::is_truncated(const Path& path) const {
  if (delimiters_.truncation == no_delimiter || (path.segment == "MSH" && path.field <= 2))
    return false;
  return raw(path).ends_with(delimiters_.truncation);
}

int Message::count_repetitions_in(std::size_t segment, int field) const {
  auto text = scanned_text(segment);
  auto value = field_of(text, delimiters_.field, field);
  if (field == 0 || !value || value->empty()) return 0;
  if (field <= 2 && declares_delimiters(text)) return 1;
  if (delimiters_.repetition == no_delimiter) return 1;
  return 1 + static_cast<int>(std::count(value->begin(), value->end(), delimiters_.repetition));
}

int Message::count_repetitions(const Path& path) const {
  auto index = find_segment(path);
  return index ? count_repetitions_in(*index, path.field) : 0;
}

Bytes Message::bytes() const {
  if (!edited_) return original_;
  std::string text;
  text.reserve(original_->size() + 256);
  text.append(*original_, 0, leading_bytes_);
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const auto& segment = segments_[i];
    text += segment_text(i);
    if (segment.own_end)
      text += segment_end_;
    else
      text.append(*original_, segment.offset + segment.length, segment.end_length);
  }
  return make_bytes(std::move(text));
}

}  // namespace causeway::hl7v2
