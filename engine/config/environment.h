// What differs between installations (hosts, ports, folders): named values that channels refer to
// as "env:NAME", so that a revision goes from test to production unchanged. Immutable after
// reading; may be read by several threads. A file of them is JSON, comments allowed:
//
//   { "extends": "base.json",  // what all installations share
//     "LAB_HOST": "lab.example.org", "LAB_PORT": 2575 }
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/config/problems.h"
#include "engine/config/value.h"

namespace causeway::config {

/// Texts and integers by name.
using EnvironmentValues = std::map<std::string, Value, std::less<>>;

/// A name that "env:" or "secret:" may be followed by: letters, digits, '_', '-', '.'; at most 64.
bool is_reference_name(std::string_view name);

/// NAME, if the value is the string "env:NAME" ("secret:NAME") with a well-formed name.
std::optional<std::string_view> environment_name(const Value& value);
std::optional<std::string_view> secret_name(std::string_view text);

/// Reads an environment from JSON text: one object of texts and integers.
EnvironmentValues read_environment(std::string_view text, Problems& problems);
/// The same from a file of at most json_bytes_max. `"extends": "base.json"` takes in what another
/// file in the same folder (or by its path from there) says and this one doesn't.
EnvironmentValues load_environment_file(const std::string& file, Problems& problems);

/// From this process's variables: CAUSEWAY_ENV_PORT=6661 gives PORT, an integer because it is
/// written as one.
EnvironmentValues load_environment(Problems& problems);

}  // namespace causeway::config
