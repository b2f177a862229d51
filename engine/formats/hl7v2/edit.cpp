// Message: edits. Each replaces the text of one segment; the bytes received stay as they are.
#include <algorithm>

#include <fmt/format.h>

#include "engine/formats/hl7v2/guard.h"
#include "engine/formats/hl7v2/message.h"
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

/// Puts `with` in place of [begin, end) of the segment's text.
void Message::replace(std::size_t segment, std::size_t begin, std::size_t end,
                      std::string_view with) {
  const auto old = segment_text(segment);
  Edit edit;
  edit.text.reserve(old.size() + with.size());
  edit.text.append(old.substr(0, begin)).append(with).append(old.substr(end));
  edit.guarded = guarded_copy(edit.text);
  auto& slot = segments_[segment].edit;
  edited_ = true;
  if (segment == 0) groups_.reset();  // MSH may name another structure
  if (slot >= 0) {
    edits_[static_cast<std::size_t>(slot)] = std::move(edit);
    return;
  }
  slot = static_cast<std::int32_t>(edits_.size());
  edits_.push_back(std::move(edit));
}

Result<std::size_t> Message::place_of(const Path& path) const {
  if (path.has_wildcard()) return invalid(to_string(path), "a wildcard can't be written to");
  auto index = find_segment(path);
  if (!index) return Error{ErrorKind::NotFound, to_string(path), "the message has no such segment"};
  return *index;
}

Status Message::set(const Path& path, std::string_view value) {
  if (path.field < 1) return invalid(to_string(path), "a path to a field is needed");
  auto place = place_of(path);
  return place ? set_in(*place, path, value) : Status(std::move(place).error());
}

Status Message::set_raw(const Path& path, std::string_view value) {
  if (path.field < 1) return invalid(to_string(path), "a path to a field is needed");
  auto place = place_of(path);
  return place ? set_raw_in(*place, path, value) : Status(std::move(place).error());
}

Status Message::set_in(std::size_t segment, const Path& path, std::string_view value) {
  if (auto writable = check_writable(segment, path); !writable) return writable;
  const bool replaces_all = path.repetition == 0 && path.component == 0 && path.subcomponent == 0 &&
                            count_repetitions_in(segment, path.field) > 1;
  if (!replaces_all && raw_in(segment, path) && decoded_in(segment, path) == value) return Done{};
  const auto guarded_value = guarded_copy(value);
  const std::string_view scanned = guarded_value ? *guarded_value : value;
  if (delimiters_.escape == no_delimiter) {
    const char special[] = {delimiters_.field,
                            delimiters_.component,
                            delimiters_.repetition,
                            delimiters_.subcomponent,
                            '\r',
                            '\n'};
    auto found = scanned.find_first_of(std::string_view(special, std::size(special)));
    if (found != std::string_view::npos)
      return invalid(to_string(path), "the message has no escape character to write this value");
  }
  const auto escaped = escape(value, scanned, delimiters_);
  return guarded_set_ ? write_checked(segment, path, escaped, value)
                      : write(segment, path, escaped);
}

/// Where a set of two bytes a character is still switched on, an escape sequence isn't read as one.
Status Message::write_checked(std::size_t index, const Path& path, std::string_view raw_value,
                              std::string_view value) {
  const auto before = segments_[index];
  const bool was_edited = edited_;
  std::optional<Edit> edit;
  if (before.edit >= 0) edit = edits_[static_cast<std::size_t>(before.edit)];
  auto written = write(index, path, raw_value);
  if (!written || decoded_in(index, path) == value) return written;
  segments_[index] = before;
  edited_ = was_edited;
  if (edit) edits_[static_cast<std::size_t>(before.edit)] = std::move(*edit);
  return invalid(to_string(path), "the text doesn't switch back to ASCII before a delimiter");
}

Status Message::set_raw_in(std::size_t segment, const Path& path, std::string_view value) {
  if (std::any_of(value.begin(), value.end(), is_segment_end))
    return invalid(to_string(path), "a raw value can't contain a segment end");
  if (auto writable = check_writable(segment, path); !writable) return writable;
  return write(segment, path, value);
}

Status Message::check_writable(std::size_t segment, const Path& path) const {
  if (path.field < 1) return invalid(to_string(path), "a path to a field is needed");
  if (path.repetition < 0) return invalid(to_string(path), "a wildcard can't be written to");
  if (segment >= segments_.size())
    return Error{ErrorKind::NotFound, to_string(path), "the message has no such segment"};
  if (static_cast<std::size_t>(path.field) > fields_max ||
      static_cast<std::size_t>(std::max({path.repetition, path.component, path.subcomponent})) >
          repetitions_max)
    return Error{ErrorKind::Limit, to_string(path), "beyond the limits of a path"};
  if (declares_delimiters(segment_text(segment)) && path.field <= 2)
    return invalid(to_string(path), "the delimiters can't be changed");
  return Done{};
}

Status Message::write(std::size_t index, const Path& path, std::string_view raw_value) {
  const auto segment = scanned_text(index);
  const bool header = declares_delimiters(segment);
  bool in_repetition = path.repetition > 0 || path.component > 0 || path.subcomponent > 0;
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
  const auto replacement = place.padding() + std::string(raw_value);
  if (guarded_set_ && !keeps_characters(index, path, place.begin(), place.end(), replacement))
    return invalid(to_string(path), "it, or what stands before it, ends within a character");
  replace(index, place.begin(), place.end(), replacement);
  return Done{};
}

/// Half a character would take the delimiter after it for its other half.
bool Message::keeps_characters(std::size_t segment, const Path& path, std::size_t begin,
                               std::size_t end, std::string_view with) const {
  const auto old = segment_text(segment);
  std::string text(old.substr(0, begin));
  text.append(with).append(old.substr(end));
  const auto copy = guarded_copy(text);
  const std::string_view scanned = copy ? *copy : text;
  const auto rest = old.size() - end;
  // What was scanned after the place is scanned alike, and the place is found where it was put.
  if (scanned.substr(scanned.size() - rest) != scanned_text(segment).substr(end)) return false;
  const bool whole_field = path.repetition == 0 && path.component == 0 && path.subcomponent == 0;
  const auto found = whole_field ? field_of(scanned, delimiters_.field, path.field)
                                 : value_in(scanned, delimiters_, path);
  return found && found->data() + found->size() == scanned.data() + begin + with.size();
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
  Edit edit{std::string(text), guarded_copy(text)};
  edits_.push_back(std::move(edit));
  segments_.insert(segments_.begin() + static_cast<std::ptrdiff_t>(index), added);
  edited_ = true;
  groups_.reset();
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
  groups_.reset();
  return Done{};
}

}  // namespace causeway::hl7v2
