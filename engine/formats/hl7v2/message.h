// HL7 v2 as an index over bytes that are never altered: read by path, and edit.
//
// A `Message` is an index of the segments in its bytes; fields are found by scanning when they are
// asked for. What is not edited leaves byte-identical: edits are kept as replaced segments. Custom
// delimiters (MSH-1, MSH-2), CR, LF and CRLF segment ends, blank lines, and a missing last end are
// all kept as they are.
// Standard: HL7 v2.x chapter 2, "Control" (2.5 message delimiters, 2.7 escape sequences).
//
// Not thread-safe; copies are independent. Errors: Invalid (not HL7 v2, or a bad path), Limit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/body.h"
#include "engine/core/result.h"

namespace causeway::hl7v2 {

inline constexpr std::size_t bytes_max = 1'000'000'000;
inline constexpr std::size_t segments_max = 100'000;
inline constexpr std::size_t fields_max = 4'000;       ///< In a path.
inline constexpr std::size_t repetitions_max = 4'000;  ///< In a path; likewise components.

struct Delimiters {
  char field = '|', component = '^', repetition = '~', escape = '\\', subcomponent = '&';
};

/// What routing, acknowledging and searching need of a message, read without a full parse. Views
/// into the bytes given; decoded of nothing.
struct Header {
  Delimiters delimiters;
  std::string_view sending_application, sending_facility;      // MSH-3, MSH-4
  std::string_view receiving_application, receiving_facility;  // MSH-5, MSH-6
  std::string_view type;                  // MSH-9, as it stands: "ADT^A01^ADT_A01"
  std::string_view control_id;            // MSH-10
  std::string_view processing_id;         // MSH-11
  std::string_view version;               // MSH-12
  std::string_view accept_ack_type;       // MSH-15: enhanced mode if this or MSH-16 is valued
  std::string_view application_ack_type;  // MSH-16
  std::string_view character_set;         // MSH-18
  bool enhanced_mode() const { return !accept_ack_type.empty() || !application_ack_type.empty(); }
};

/// Reads the MSH segment. Leading blank lines and a byte-order mark are passed over.
Result<Header> peek_header(std::string_view bytes);

/// "PID-3.1", "PID-3[2].1.2", "OBX[3]-5", "MSH-9". Numbers count from 1; MSH-1 is the field
/// separator and MSH-2 the encoding characters. A path without [n] means the first.
struct Path {
  std::string segment;    ///< Three characters: a capital letter, then capitals or digits.
  int segment_index = 0;  ///< 0: not given: the first, or in peek_all every one.
  int field = 0;          ///< 0: the whole segment.
  /// 0: not given. Reading takes the first; writing replaces the whole field, or, where a component
  /// is given, writes to the first.
  int repetition = 0;
  int component = 0;  ///< 0: whole repetition.
  int subcomponent = 0;
};
Result<Path> parse_path(std::string_view text);
std::string to_string(const Path& path);

/// Reads one value without building a Message: what intake needs for order keys and search terms.
/// The raw bytes at the path (escapes not decoded); nullopt if the message has no such place or no
/// readable MSH.
std::optional<std::string_view> peek(std::string_view bytes, const Path& path);
/// The same for every repetition of the field and every segment of that name, where the path has no
/// index (searching PID-3.1 finds all identifiers); at most `most`. Empty values are left out.
std::vector<std::string_view> peek_all(std::string_view bytes, const Path& path, std::size_t most);

class Message {
 public:
  static Result<Message> parse(Bytes bytes);

  const Delimiters& delimiters() const { return delimiters_; }
  std::size_t segment_count() const { return segments_.size(); }
  /// Three-letter name (or whatever stands before the first field separator).
  std::string_view segment_name(std::size_t index) const;
  std::string_view segment_text(std::size_t index) const;  ///< Without its end.
  /// Index of the nth (from 1) segment of this name.
  std::optional<std::size_t> find_segment(std::string_view name, int n = 1) const;
  int count_segments(std::string_view name) const;

  /// The value with its escape sequences decoded (\F\ \S\ \R\ \T\ \E\ \X..\ \.br\; others are kept
  /// as they stand); empty if there is none. `raw` decodes nothing; its view, and those of
  /// segments, hold until the next edit.
  std::string get(const Path& path) const;
  std::string_view raw(const Path& path) const;
  int count_repetitions(const Path& path) const;

  /// Writes a value, escaping what is a delimiter; empty fields, components and so on before it are
  /// made as needed (but not to hold an empty value: then nothing changes). Nothing else of the
  /// segment changes. `set_raw` escapes nothing but refuses segment ends. Setting MSH-1 or MSH-2 is
  /// refused; a missing segment is NotFound; a path without a field is Invalid.
  Status set(const Path& path, std::string_view value);
  Status set_raw(const Path& path, std::string_view value);

  /// Adds a segment ("ZPI|1|x", no end, in the message's own delimiters) at `index` from 1 (MSH
  /// stays first and can't be removed), or last. It takes the message's own segment end.
  Status insert_segment(std::size_t index, std::string_view text);
  Status append_segment(std::string_view text);
  Status remove_segment(std::size_t index);

  bool edited() const { return edited_; }
  /// The message as it now is; byte-identical to the input if nothing was edited.
  Bytes bytes() const;

 private:
  struct Segment {
    std::uint32_t offset = 0, length = 0;  // in original_; after an edit, where its end is found
    std::uint32_t end_length = 0;          // of its end and the blank lines after it
    std::int32_t edit = -1;                // its text, in edits_
    bool own_end = false;                  // added: ends with segment_end_
  };

  Message() = default;
  Status write(const Path& path, std::string_view raw_value);
  std::string& editable(std::size_t index);

  Bytes original_;
  Delimiters delimiters_;
  std::string segment_end_ = "\r";
  std::size_t leading_bytes_ = 0;  // blank lines or byte-order mark before MSH, kept
  std::vector<Segment> segments_;
  std::vector<std::string> edits_;
  bool edited_ = false;
};

/// Where the message has no escape character, a space stands for each delimiter and segment end.
std::string escape(std::string_view value, const Delimiters& delimiters);
std::string unescape(std::string_view value, const Delimiters& delimiters);

}  // namespace causeway::hl7v2
