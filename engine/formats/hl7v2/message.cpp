// Message: indexing the segments and reading values. Edits are in edit.cpp.
#include <algorithm>

#include <fmt/format.h>

#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {

Result<Message> Message::parse(Bytes bytes) {
  if (!bytes || bytes->empty()) return Error{ErrorKind::Invalid, "MSH", "the message is empty"};
  if (bytes->size() > bytes_max)
    return Error{ErrorKind::Limit, "", fmt::format("the message has over {} bytes", bytes_max)};
  Message message;
  message.leading_bytes_ = start_of_message(*bytes);
  SegmentScanner segments(*bytes, message.leading_bytes_);
  while (segments.next()) {
    if (message.segments_.empty()) {
      auto delimiters = read_delimiters(segments.text());
      if (!delimiters) return std::move(delimiters).error();
      message.delimiters_ = *delimiters;
      auto after = std::string_view(*bytes).substr(segments.offset() + segments.text().size());
      if (after.starts_with("\r\n"))
        message.segment_end_ = "\r\n";
      else if (after.starts_with("\n"))
        message.segment_end_ = "\n";
    }
    if (message.segments_.size() == segments_max)
      return Error{ErrorKind::Limit, "",
                   fmt::format("the message has over {} segments", segments_max)};
    message.segments_.push_back({static_cast<std::uint32_t>(segments.offset()),
                                 static_cast<std::uint32_t>(segments.text().size()),
                                 static_cast<std::uint32_t>(segments.end_length())});
  }
  if (message.segments_.empty())
    return Error{ErrorKind::Invalid, "MSH", "the message has only blank lines"};
  message.original_ = std::move(bytes);
  return message;
}

std::string_view Message::segment_text(std::size_t index) const {
  const auto& segment = segments_.at(index);
  if (segment.edit >= 0) return edits_[static_cast<std::size_t>(segment.edit)];
  return std::string_view(*original_).substr(segment.offset, segment.length);
}

std::string_view Message::segment_name(std::size_t index) const {
  return *part(segment_text(index), delimiters_.field, 1);
}

std::optional<std::size_t> Message::find_segment(std::string_view name, int n) const {
  for (std::size_t i = 0; i < segments_.size(); ++i)
    if (has_name(segment_text(i), name, delimiters_.field) && --n <= 0) return i;
  return std::nullopt;
}

int Message::count_segments(std::string_view name) const {
  int count = 0;
  for (std::size_t i = 0; i < segments_.size(); ++i)
    if (has_name(segment_text(i), name, delimiters_.field)) ++count;
  return count;
}

std::string_view Message::raw(const Path& path) const {
  auto index = find_segment(path.segment, std::max(path.segment_index, 1));
  if (!index) return {};
  return value_in(segment_text(*index), delimiters_, path).value_or(std::string_view());
}

std::string Message::get(const Path& path) const {
  auto value = raw(path);
  // The declaration of the delimiters is not written in them.
  if (path.segment == "MSH" && path.field <= 2) return std::string(value);
  return unescape(value, delimiters_);
}

int Message::count_repetitions(const Path& path) const {
  auto index = find_segment(path.segment, std::max(path.segment_index, 1));
  if (!index || path.field == 0) return 0;
  auto segment = segment_text(*index);
  auto value = field_of(segment, delimiters_.field, path.field);
  if (!value || value->empty()) return 0;
  if (path.field <= 2 && declares_delimiters(segment)) return 1;
  return 1 + static_cast<int>(std::count(value->begin(), value->end(), delimiters_.repetition));
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
