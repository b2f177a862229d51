// How HL7 v2 bytes divide: into segments at CR, LF or CRLF, and below that at one delimiter each.
// Internal to this folder. Pure; nothing is copied: views into the bytes given.
// Standard: HL7 v2.x chapter 2.5 (delimiters), 2.16 (fields of MSH are counted from the separator).
#pragma once

#include <cstring>
#include <optional>
#include <string_view>

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
  const char* at = text.data();
  const char* end = at + text.size();
  for (;; --n) {
    const void* found = nullptr;
    if (delimiter != no_delimiter && at != end)
      found = std::memchr(at, delimiter, static_cast<std::size_t>(end - at));
    const char* stop = found ? static_cast<const char*>(found) : end;
    if (n == 1) return std::string_view(at, static_cast<std::size_t>(stop - at));
    if (!found) return std::nullopt;
    at = stop + 1;
  }
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

 private:
  std::string_view bytes_;
  std::size_t offset_ = 0, text_end_ = 0, next_;
  // The nearest CR and LF not yet passed: each byte is looked at once for each of them, also in a
  // message that has only one kind.
  std::size_t cr_ = 0, lf_ = 0;
  bool scanned_ = false;
};

}  // namespace causeway::hl7v2
