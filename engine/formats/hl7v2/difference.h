// Where two messages differ: value by value, by what they say and not how it is written.
//
// Segments are paired so that one which was put in or left out is told as such, and doesn't make
// all that follow differ. Other delimiters, other escape sequences for the same text, empty values
// at ends and other segment ends are no difference. Pure; thread-safe. Values are content of the
// messages. Time is bounded: past `pairs_weighed_max` segments are paired by name and number alone.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/hl7v2/message.h"

namespace causeway::hl7v2 {

/// Segments of the one times those of the other that are weighed against each other.
inline constexpr std::size_t pairs_weighed_max = 1'000'000;

struct Difference {
  enum class Kind : std::uint8_t { Value, SegmentRemoved, SegmentAdded };
  Kind kind = Kind::Value;
  std::size_t segment_before = 0, segment_after = 0;  ///< Indices; 0 where there is none.
  Path before, after;  ///< The place in each message; of an added or removed segment, one alone.
  std::string text_before, text_after;  ///< Empty: no value there. Of segments: as they stand.
};

struct DifferenceOptions {
  /// What isn't looked at: PID-3 stands for all within PID-3, in every PID; ZPI for all of ZPI.
  std::vector<Path> ignored;
  bool raw = false;  ///< Compare values as they stand, escape sequences and all.
  /// A value of the one and the other as text that can be compared; null: as it is.
  std::function<std::string(std::string)> to_text_before, to_text_after;
};

std::vector<Difference> differences(const Message& before, const Message& after,
                                    const DifferenceOptions& options);

}  // namespace causeway::hl7v2
