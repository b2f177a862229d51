// Messages made from nothing, and segments carried from one message to another.
#include <fmt/format.h>

#include "engine/formats/hl7v2/guard.h"
#include "engine/formats/hl7v2/message.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

/// Writes one segment's text in other delimiters.
class Translation {
 public:
  Translation(const Delimiters& from, const Delimiters& to) : from_(from), to_(to) {}

  /// `scanned` is as long as `text`, and decides where delimiters are.
  Status append(std::string_view text, std::string_view scanned) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (scanned[i] == from_.escape && from_.escape != no_delimiter) {
        const auto end = scanned.find(from_.escape, i + 1);
        const auto sequence =
            end == std::string_view::npos ? std::string_view() : text.substr(i + 1, end - i - 1);
        if (!sequence.empty() && is_sequence(sequence, from_)) {
          if (auto done = append_sequence(sequence); !done) return done;
          i = end;
          continue;
        }
      }
      if (scanned[i] != text[i])
        out_ += text[i];
      else if (auto done = append_character(text[i]); !done)
        return done;
    }
    return Done{};
  }

  std::string take() { return std::move(out_); }

 private:
  Status append_sequence(std::string_view sequence) {
    if (to_.escape == no_delimiter) return lacking("escape character");
    out_ += to_.escape;
    out_ += sequence;
    out_ += to_.escape;
    return Done{};
  }

  Status append_character(char c) {
    struct Pair {
      char from, to;
      const char* name;
    };
    const Pair pairs[] = {{from_.field, to_.field, "field separator"},
                          {from_.component, to_.component, "component separator"},
                          {from_.repetition, to_.repetition, "repetition separator"},
                          {from_.subcomponent, to_.subcomponent, "subcomponent separator"}};
    for (const auto& pair : pairs) {
      if (c != pair.from || c == no_delimiter) continue;
      if (pair.to == no_delimiter) return lacking(pair.name);
      out_ += pair.to;
      return Done{};
    }
    const auto escaped = escape(std::string_view(&c, 1), to_);
    if (escaped == " " && c != ' ') return lacking("escape character");
    out_ += escaped;
    return Done{};
  }

  static Status lacking(const char* what) {
    return Error{ErrorKind::Invalid, "MSH-2", std::string("the message has no ") + what};
  }

  const Delimiters& from_;
  const Delimiters& to_;
  std::string out_;
};

std::string encoding_characters(const Delimiters& delimiters) {
  std::string text;
  for (char c : {delimiters.component, delimiters.repetition, delimiters.escape,
                 delimiters.subcomponent, delimiters.truncation}) {
    if (c == no_delimiter) break;
    text += c;
  }
  return text;
}

}  // namespace

Result<std::string> in_delimiters(std::string_view segment, std::string_view scanned,
                                  const Delimiters& from, const Delimiters& to) {
  std::string head;
  if (declares_delimiters(segment)) {
    const auto declared = field_of(scanned, from.field, 2).value_or(std::string_view());
    const auto length = std::min(segment.size(), 4 + declared.size());
    head = std::string(segment.substr(0, 3)) + to.field + encoding_characters(to);
    segment.remove_prefix(length);
    scanned.remove_prefix(length);
  }
  Translation translation(from, to);
  if (auto done = translation.append(segment, scanned); !done) return std::move(done).error();
  return head + translation.take();
}

Result<std::string> in_delimiters(std::string_view segment, const Delimiters& from,
                                  const Delimiters& to) {
  return in_delimiters(segment, segment, from, to);
}

Status Message::insert_copy(std::size_t index, const Message& from, std::size_t segment) {
  if (segment >= from.segments_.size())
    return Error{ErrorKind::NotFound, fmt::format("segment {}", segment),
                 fmt::format("the message has {}", from.segments_.size())};
  const auto text = from.segment_text(segment);
  if (from.delimiters_ == delimiters_) return insert_segment(index, std::string(text));
  auto translated = in_delimiters(text, from.scanned_text(segment), from.delimiters_, delimiters_);
  if (!translated) return std::move(translated).error();
  return insert_segment(index, *translated);
}

Result<Message> make_message(const NewMessage& values) {
  const char field = values.delimiters.field;
  std::string text = fmt::format("MSH{}{}", field, encoding_characters(values.delimiters));
  const std::pair<int, std::string_view> fields[] = {
      {7, values.timestamp},      {9, values.type},     {10, values.control_id},
      {11, values.processing_id}, {12, values.version}, {18, values.character_set}};
  int at = 2;
  for (const auto& [number, value] : fields) {
    if (value.empty()) continue;
    if (value.find_first_of("\r\n") != std::string_view::npos)
      return Error{ErrorKind::Invalid, fmt::format("MSH-{}", number),
                   "a raw value can't contain a segment end"};
    text.append(static_cast<std::size_t>(number - at), field);
    text += value;
    at = number;
  }
  text += '\r';
  return Message::parse(make_bytes(std::move(text)));
}

}  // namespace causeway::hl7v2
