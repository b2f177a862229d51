// The numbers of a JSON text that a double, or its usual notation, would not keep as they are.
// Internal to this folder; pure.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/core/result.h"

namespace causeway::script {

/// The key of an object, as it stands between its quotes, or the place in a list.
using JsonStep = std::variant<std::string_view, std::size_t>;

struct JsonNumber {
  std::vector<JsonStep> path;  ///< From the root.
  std::string_view text;
};

/// Of a text whose grammar has been or will be checked elsewhere: whatever it holds, this ends.
/// Limit: nested deeper than `depth_max`.
Result<std::vector<JsonNumber>> unusual_numbers(std::string_view text, int depth_max);

/// Whether two decimal numbers (of JSON's grammar) have the same value.
bool same_value(std::string_view a, std::string_view b);

/// A number as JavaScript prints it.
std::string printed(double number);

}  // namespace causeway::script
