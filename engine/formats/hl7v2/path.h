// Places in a message, as people write them.
//
//   PID-3.1            PID-3[2].1.2       OBX[3]-5
//   PID.3.1            PID-3-1            the same as the first
//   OBX[*]-5           PID-3[*].1         every one, for Message::matches
//   ORDER_OBSERVATION[2]/OBX[1]-5.1       within groups of the message's structure; groups between
//   ORDER_OBSERVATION[*]/OBX[*]-5         may be left out
//
// Numbers count from 1; MSH-1 is the field separator and MSH-2 the encoding characters. A path
// without [n] means the first. Plain values; pure. Errors: Invalid, with the path and what is
// wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"

namespace causeway::hl7v2 {

inline constexpr std::size_t segments_max = 100'000;
inline constexpr std::size_t fields_max = 4'000;       ///< In a path.
inline constexpr std::size_t repetitions_max = 4'000;  ///< In a path; likewise components.
inline constexpr std::size_t groups_max = 8;           ///< In a path.
inline constexpr std::size_t group_name_max = 60;

/// As an index: every one.
inline constexpr int every = -1;

struct Path {
  std::string segment;    ///< Three characters: a capital letter, then capitals or digits.
  int segment_index = 0;  ///< 0: not given: the first, or in peek_all every one.
  int field = 0;          ///< 0: the whole segment.
  /// 0: not given. Reading takes the first; writing replaces the whole field, or, where a component
  /// is given, writes to the first.
  int repetition = 0;
  int component = 0;  ///< 0: whole repetition.
  int subcomponent = 0;

  struct Group {
    std::string name;
    int index = 0;  ///< 0: not given: the first.
    bool operator==(const Group&) const = default;
  };
  std::vector<Group> groups = {};  ///< From the outermost to the one that the segment is in.

  bool operator==(const Path&) const = default;
  bool has_wildcard() const;
};

Result<Path> parse_path(std::string_view text);
/// The first of the forms above.
std::string to_string(const Path& path);

}  // namespace causeway::hl7v2
