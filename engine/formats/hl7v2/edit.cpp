// Message: edits. Each replaces the text of one segment; the bytes received stay as they are.
#include <algorithm>

#include <fmt/format.h>

#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

Error invalid(std::string place, std::string text) {
  return Error{ErrorKind::Invalid, std::move(place), std::move(text)};
}

/// Where in a segment a value goes: it replaces [begin, end), after `padding`.
class Place {
 public:
  Place(std::size_t begin, std::size_t end) : begin_(begin), end_(end) {}

  std::size_t begin() const { return begin_; }
  std::size_t end() const { return end_; }
  const std::string& padding() const { return padding_; }

  /// Narrows to part n (from 1); what is missing on the way there becomes padding.
  void narrow(std::string_view segment, char delimiter, int n) {
    for (; n > 1; --n) {
      auto next = padding_.empty() ? segment.substr(0, end_).find(delimiter, begin_)
                                   : std::string_view::npos;
      if (next == std::string_view::npos) {
        padding_.append(static_cast<std::size_t>(n - 1), delimiter);
        begin_ = end_;
        return;
      }
      begin_ = next + 1;
    }
    if (padding_.empty()) end_ = std::min(end_, segment.find(delimiter, begin_));
  }

 private:
  std::size_t begin_, end_;
  std::string padding_;
};

struct Level {
  int n;
  char delimiter;
};

}  // namespace

std::string& Message::editable(std::size_t index) {
  auto& segment = segments_[index];
  if (segment.edit < 0) {
    std::string copy(segment_text(index));
    segment.edit = static_cast<std::int32_t>(edits_.size());
    edits_.push_back(std::move(copy));
  }
  edited_ = true;
  return edits_[static_cast<std::size_t>(segment.edit)];
}

Status Message::set(const Path& path, std::string_view value) {
  if (delimiters_.escape == no_delimiter) {
    const char special[] = {delimiters_.field,
                            delimiters_.component,
                            delimiters_.repetition,
                            delimiters_.subcomponent,
                            '\r',
                            '\n'};
    auto found = value.find_first_of(std::string_view(special, std::size(special)));
    if (found != std::string_view::npos)
      return invalid(to_string(path), "the message has no escape character to write this value");
  }
  return write(path, escape(value, delimiters_));
}

Status Message::set_raw(const Path& path, std::string_view value) {
  if (std::any_of(value.begin(), value.end(), is_segment_end))
    return invalid(to_string(path), "a raw value can't contain a segment end");
  return write(path, value);
}

Status Message::write(const Path& path, std::string_view raw_value) {
  if (path.field < 1) return invalid(to_string(path), "a path to a field is needed");
  if (static_cast<std::size_t>(path.field) > fields_max ||
      static_cast<std::size_t>(std::max({path.repetition, path.component, path.subcomponent})) >
          repetitions_max)
    return Error{ErrorKind::Limit, to_string(path), "beyond the limits of a path"};
  auto index = find_segment(path.segment, std::max(path.segment_index, 1));
  if (!index) return Error{ErrorKind::NotFound, to_string(path), "the message has no such segment"};
  auto segment = segment_text(*index);
  bool header = declares_delimiters(segment);
  if (header && path.field <= 2) return invalid(to_string(path), "the delimiters can't be changed");

  bool in_repetition = path.repetition > 0 || path.component > 0;
  const Level levels[] = {
      {header ? path.field : path.field + 1, delimiters_.field},
      {in_repetition ? std::max(path.repetition, 1) : 0, delimiters_.repetition},
      {std::max(path.component, path.subcomponent > 0 ? 1 : 0), delimiters_.component},
      {path.subcomponent, delimiters_.subcomponent}};
  Place place(0, segment.size());
  for (const auto& level : levels) {
    if (level.n == 0) continue;
    if (level.delimiter == no_delimiter) {
      if (level.n > 1) return invalid(to_string(path), "the message has no delimiter for this");
      continue;
    }
    place.narrow(segment, level.delimiter, level.n);
  }
  if (!place.padding().empty() && raw_value.empty()) return Done{};
  // Made first: the value may be a view of a segment that an edit moves.
  const std::string replacement = place.padding() + std::string(raw_value);
  editable(*index).replace(place.begin(), place.end() - place.begin(), replacement);
  return Done{};
}

Status Message::insert_segment(std::size_t index, std::string_view text) {
  if (index == 0) return invalid("MSH", "nothing can stand before it");
  if (index > segments_.size())
    return Error{ErrorKind::NotFound, fmt::format("segment {}", index),
                 fmt::format("the message has {}", segments_.size())};
  if (segments_.size() == segments_max)
    return Error{ErrorKind::Limit, "", fmt::format("over {} segments", segments_max)};
  auto path = parse_path(text.substr(0, 3));
  if (!path || !has_name(text, text.substr(0, 3), delimiters_.field))
    return invalid(
        fmt::format("segment {}", index),
        fmt::format("a segment begins with a three-letter name and \"{}\"", delimiters_.field));
  if (std::any_of(text.begin(), text.end(), is_segment_end))
    return invalid(std::string(text.substr(0, 3)), "one segment can't contain a segment end");
  auto& before = segments_[index - 1];
  if (!before.own_end && before.end_length == 0) before.own_end = true;
  Segment added;
  added.edit = static_cast<std::int32_t>(edits_.size());
  added.own_end = true;
  edits_.emplace_back(text);
  segments_.insert(segments_.begin() + static_cast<std::ptrdiff_t>(index), added);
  edited_ = true;
  return Done{};
}

Status Message::append_segment(std::string_view text) {
  return insert_segment(segments_.size(), text);
}

Status Message::remove_segment(std::size_t index) {
  if (index == 0) return invalid("MSH", "it can't be removed");
  if (index >= segments_.size())
    return Error{ErrorKind::NotFound, fmt::format("segment {}", index),
                 fmt::format("the message has {}", segments_.size())};
  segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(index));
  edited_ = true;
  return Done{};
}

}  // namespace causeway::hl7v2
