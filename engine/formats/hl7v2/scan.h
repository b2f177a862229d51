// How HL7 v2 bytes divide: into segments at CR, LF or CRLF, and below that at one delimiter each.
// Internal to this folder. Pure; nothing is copied: views into the bytes given.
// Standard: HL7 v2.x chapter 2.5 (delimiters), 2.16 (fields of MSH are counted from the separator).
#pragma once

#include <optional>
#include <string_view>

#include "engine/formats/hl7v2/delimiter_search.h"
#include "engine/formats/hl7v2/header.h"

namespace causeway::hl7v2 {

inline bool is_segment_end(char c) {
  return c == '\r' || c == '\n';
}

/// Where the first segment begins: after a UTF-8 byte-order mark, blanks, blank lines, and what
/// framing leaves behind (VT, NUL).
std::size_t start_of_message(std::string_view bytes);

/// The delimiters that an MSH segment (its text, without end) declares. Those that MSH-2 leaves out
/// have their usual value, or are `no_delimiter` if that character is taken.
Result<Delimiters> read_delimiters(std::string_view msh);

/// Part n (from 1) of a text divided by `delimiter`.
inline std::optional<std::string_view> part(std::string_view text, char delimiter, int n) {
  if (delimiter == no_delimiter)
    return n == 1 ? std::optional<std::string_view>(text) : std::nullopt;
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (n > 1) {
    const char* before = find_nth(begin, end, delimiter, n - 1);
    if (!before) return std::nullopt;
    begin = before + 1;
  }
  const char* stop = find_or_end(begin, end, delimiter);
  return std::string_view(begin, static_cast<std::size_t>(stop - begin));
}

inline bool has_name(std::string_view segment, std::string_view name, char field_separator) {
  return segment.starts_with(name) &&
         (segment.size() == name.size() || segment[name.size()] == field_separator);
}

/// MSH, FHS and BHS: field 1 is the separator itself, field 2 declares the others.
inline bool declares_delimiters(std::string_view segment) {
  return segment.size() > 3 &&
         (segment.starts_with("MSH") || segment.starts_with("BHS") || segment.starts_with("FHS"));
}

/// Field n (from 1) of a segment, all repetitions.
std::optional<std::string_view> field_of(std::string_view segment, char separator, int n);

/// What a path below the repetition points at.
std::optional<std::string_view> component_in(std::string_view repetition,
                                             const Delimiters& delimiters, const Path& path);

/// What a path below the segment level points at.
std::optional<std::string_view> value_in(std::string_view segment, const Delimiters& delimiters,
                                         const Path& path);

/// Whether "…" between two escape characters is a sequence that has a meaning, but no plain text.
bool has_meaning(std::string_view sequence);
/// Whether it is a sequence at all.
bool is_sequence(std::string_view sequence, const Delimiters& delimiters);

/// Walks the segments of a message from `start`. Blank lines belong to the end before them, so no
/// segment is empty.
class SegmentScanner {
 public:
  SegmentScanner(std::string_view bytes, std::size_t start) : bytes_(bytes), next_(start) {}

  bool next();
  std::size_t offset() const { return offset_; }
  std::string_view text() const { return bytes_.substr(offset_, text_end_ - offset_); }
  std::size_t end_length() const { return next_ - text_end_; }
  /// Line ends and blank lines after it.
  std::string_view end() const { return bytes_.substr(text_end_, end_length()); }

 private:
  std::string_view bytes_;
  std::size_t offset_ = 0, text_end_ = 0, next_;
};

/// The first segment of a message, taken apart once for all that asks for something of it.
struct Beginning {
  SegmentScanner segments;  ///< Stands at MSH.
  Header header;
  const encoding::CharacterSet* guarded_set = nullptr;  ///< As `set_to_guard` says of MSH.
};
Result<Beginning> read_beginning(std::string_view bytes);

}  // namespace causeway::hl7v2
