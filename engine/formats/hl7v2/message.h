// HL7 v2 as an index over bytes that are never altered: read by path, and edit.
//
// A `Message` is an index of the segments in its bytes; fields are found by scanning when they are
// asked for. What is not edited leaves byte-identical: edits are kept as replaced segments. Custom
// delimiters (MSH-1, MSH-2), CR, LF and CRLF segment ends, blank lines, what stands before MSH, and
// a missing last end are all kept as they are. Values are bytes in the message's own character set,
// of which only this is known here: in some, a byte of a character can look like a delimiter, and
// isn't one.
// Standard: HL7 v2.x chapter 2, "Control" (2.5 message delimiters, 2.7 escape sequences).
//
// Not thread-safe; copies are independent. Errors: Invalid (not HL7 v2, or a bad path), Limit.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/body.h"
#include "engine/core/result.h"
#include "engine/formats/hl7v2/delimiters.h"
#include "engine/formats/hl7v2/header.h"
#include "engine/formats/hl7v2/path.h"

namespace causeway::hl7v2 {

inline constexpr std::size_t bytes_max = 1'000'000'000;
/// Places that a wildcard may give at once.
inline constexpr std::size_t matches_max = 1'000'000;

class Message;

/// Segments [begin, end), by index.
struct SegmentRange {
  std::size_t begin = 0, end = 0;
};

/// A group of a message's structure.
struct GroupPlace {
  std::string_view name;     ///< Outlives the message.
  std::uint32_t number = 1;  ///< Among those of its name in the group (or message) around it.
  std::uint32_t parent = 0;  ///< Index of the group around it.
  SegmentRange range;        ///< Never empty.
};
/// In order, each before those in it; the first is the message itself.
using GroupPlaces = std::vector<GroupPlace>;

/// Knows where the groups of its structure lie in a message. Thread-safe.
class GroupFinder {
 public:
  virtual ~GroupFinder() = default;
  virtual GroupPlaces groups_of(const Message& message) const = 0;
};

/// How much there is at a place. "Empty" says nothing of a value; null ("") says that there is
/// none.
enum class Presence : std::uint8_t { Absent, Empty, Null, Valued };

/// A place that a path with wildcards matched.
struct Match {
  std::size_t segment = 0;  ///< Its index.
  Path path;                ///< The same place, without wildcards.
  std::string_view raw;     ///< Holds until the next edit.
};

class Message {
 public:
  /// `set` overrules MSH-18, for feeds that declare what they don't send.
  static Result<Message> parse(Bytes bytes, const encoding::CharacterSet* set = nullptr);

  const Delimiters& delimiters() const { return delimiters_; }
  std::size_t segment_count() const { return segments_.size(); }
  /// Three-letter name (or whatever stands before the first field separator).
  std::string_view segment_name(std::size_t index) const;
  std::string_view segment_text(std::size_t index) const;  ///< Without its end.
  /// As long as the segment's text, and where delimiters stand in it they divide: bytes of longer
  /// characters that only look so are masked.
  std::string_view scanned_text(std::size_t index) const;
  /// Index of the nth (from 1) segment of this name.
  std::optional<std::size_t> find_segment(std::string_view name, int n = 1) const;
  /// Index of the segment that a path is in; nullopt: there is none, or no group of that name. The
  /// nth segment of a group is counted also in the groups within it.
  std::optional<std::size_t> find_segment(const Path& path) const;
  /// The same, counted within these segments.
  std::optional<std::size_t> find_segment(const Path& path, const SegmentRange& within) const;
  SegmentRange all_segments() const { return {0, segments_.size()}; }
  int count_segments(std::string_view name) const;

  /// The value with its escape sequences decoded (see delimiters.h; others are kept as they stand);
  /// empty if there is none. `raw` decodes nothing; its view, and those of segments, hold until the
  /// next edit. A wildcard counts as the first.
  std::string get(const Path& path) const;
  std::string_view raw(const Path& path) const;
  Presence presence(const Path& path) const;
  /// Cut by its sender: it ends in the truncation character (2.7).
  bool is_truncated(const Path& path) const;
  int count_repetitions(const Path& path) const;
  /// Every place that the path's wildcards stand for, in order; at most `matches_max`.
  std::vector<Match> matches(const Path& path) const;

  /// The same in the segment at this index, whatever segment the path names.
  std::string decoded_in(std::size_t segment, const Path& path) const;
  std::optional<std::string_view> raw_in(std::size_t segment, const Path& path) const;
  int count_repetitions_in(std::size_t segment, int field) const;

  /// Writes a value, escaping what is a delimiter; empty fields, components and so on before it are
  /// made as needed (but not to hold an empty value: then nothing changes). Nothing else of the
  /// segment changes; and nothing at all if the value is what `get` gives already. `set_raw`
  /// escapes nothing but refuses segment ends. Setting MSH-1 or MSH-2 is refused; a missing segment
  /// is NotFound; a path without a field, or with a wildcard, is Invalid.
  Status set(const Path& path, std::string_view value);
  Status set_raw(const Path& path, std::string_view value);
  Status set_in(std::size_t segment, const Path& path, std::string_view value);
  Status set_raw_in(std::size_t segment, const Path& path, std::string_view value);

  /// Adds a segment ("ZPI|1|x", no end, in the message's own delimiters) at `index` from 1 (MSH
  /// stays first and can't be removed), or last. It takes the message's own segment end.
  Status insert_segment(std::size_t index, std::string_view text);
  Status append_segment(std::string_view text);
  /// Puts a copy of a segment of another message (or of this one) at `index`, in this message's own
  /// delimiters. Bytes of values are copied as they are: the character sets are the caller's care.
  Status insert_copy(std::size_t index, const Message& from, std::size_t segment);
  Status remove_segment(std::size_t index);

  /// Without it, a message has no groups. Nothing is looked for before a group is asked for.
  void use_groups(std::shared_ptr<const GroupFinder> finder);
  /// As they are now; holds until the next edit.
  const GroupPlaces& groups() const;
  /// Groups of this name within these segments, however deep, in order: the nth (from 1), or all.
  std::optional<SegmentRange> find_group(std::string_view name, int n,
                                         const SegmentRange& within) const;
  std::vector<SegmentRange> find_groups(std::string_view name, const SegmentRange& within) const;

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
  /// The text of a segment as edited, and its guarded copy if it needs one.
  struct Edit {
    std::string text;
    std::optional<std::string> guarded;
  };

  Message() = default;
  Status build_index(class SegmentScanner segments, std::size_t length);
  std::string_view original_of(std::size_t index, std::string_view scanned) const;
  std::optional<std::string> guarded_copy(std::string_view text) const;
  Result<std::size_t> place_of(const Path& path) const;
  Status check_writable(std::size_t segment, const Path& path) const;
  Status write(std::size_t segment, const Path& path, std::string_view raw_value);
  Status write_checked(std::size_t segment, const Path& path, std::string_view raw_value,
                       std::string_view value);
  bool keeps_characters(std::size_t segment, const Path& path, std::size_t begin, std::size_t end,
                        std::string_view with) const;
  void replace(std::size_t segment, std::size_t begin, std::size_t end, std::string_view with);
  void match_groups(Path path, std::size_t depth, const SegmentRange& within,
                    std::vector<Match>& found) const;
  void match_segments(Path path, const SegmentRange& within, std::vector<Match>& found) const;
  void match_in(std::size_t segment, Path path, std::vector<Match>& found) const;

  Bytes original_;
  Bytes guarded_;  // of original_; null: it can be scanned as it is
  const encoding::CharacterSet* guarded_set_ = nullptr;
  Delimiters delimiters_;
  std::string segment_end_ = "\r";
  std::size_t leading_bytes_ = 0;  // blanks, blank lines or byte-order mark before MSH, kept
  std::vector<Segment> segments_;
  std::vector<Edit> edits_;
  std::shared_ptr<const GroupFinder> group_finder_;
  mutable std::shared_ptr<const GroupPlaces> groups_;  // null: to be looked for
  bool edited_ = false;
};

/// A segment's text in other delimiters, its escape sequences too. Invalid: the other message has
/// no delimiter, or no escape character, for something that stands in it.
Result<std::string> in_delimiters(std::string_view segment, const Delimiters& from,
                                  const Delimiters& to);

/// What a message made from nothing begins with.
struct NewMessage {
  std::string_view type;     ///< MSH-9, raw, in the delimiters: "ADT^A01^ADT_A01".
  std::string_view version;  ///< MSH-12: "2.5.1".
  std::string_view control_id;
  std::string_view timestamp;            ///< MSH-7
  std::string_view processing_id = "P";  ///< MSH-11
  std::string_view character_set = {};   ///< MSH-18
  Delimiters delimiters = {};
};
Result<Message> make_message(const NewMessage& values);

}  // namespace causeway::hl7v2
