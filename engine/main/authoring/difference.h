// How two messages differ, as an analyst reads it: by field for HL7 v2, by pointer for JSON, by
// line for all else. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/body.h"

namespace causeway {

inline constexpr std::size_t differences_max = 50;  ///< More are not told.

struct Difference {
  std::string place;     ///< "PID-3.1", "OBX[2]-5", "/id", "line 3".
  std::string expected;  ///< Empty, with `missing`: nothing was expected here.
  std::string actual;
  enum class Kind : std::uint8_t { Changed, Missing, Unexpected } kind = Kind::Changed;

  std::string str() const;  ///< "PID-3.1: expected "1", got "2""
};

/// `mask` holds HL7 paths and JSON pointers; what lies at one or below is not compared.
std::vector<Difference> differences(std::string_view expected, std::string_view actual,
                                    ContentType type, const std::vector<std::string>& mask);

/// Of two lists: which item of the one stands for which of the other, in order, with as many as
/// possible alike (`rank` 2: the same; 1: comparable; 0: not). Items without a partner have none.
struct Pairing {
  std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>> pairs;  ///< -1: no partner.
};
Pairing pair_up(std::size_t left, std::size_t right,
                const std::function<int(std::size_t, std::size_t)>& rank);

/// A value in quotes, cut at 120 bytes, control characters as \xNN.
std::string shown(std::string_view value);

}  // namespace causeway
