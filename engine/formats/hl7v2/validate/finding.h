// What is wrong with a message, as validation reports it. Plain values; no thread rule.
//
// `text` and `path` quote nothing of the message: they may be logged. `value` does: it goes only
// where bodies go (sealed, or to the screen of somebody who has the message).
// Standard: table 0357 (error conditions), ERR-2 (error location), ERR-4 (severity).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace causeway::hl7v2 {

/// What a channel sets a level for.
enum class RuleClass : std::uint8_t {
  Structure,    ///< Segments and groups: missing, too many, out of place, unknown.
  Usage,        ///< Fields and components that are missing or must not be there.
  Cardinality,  ///< Repetitions of a field.
  Length,
  Type,         ///< The format of a value: DT, NM, SI, …
  Table,        ///< Codes of tables and value sets.
  Conformance,  ///< A profile's statements.
};

enum class Level : std::uint8_t { Off, Warn, Reject };

/// Where in the message: numbers count from 1; 0 stands for the whole.
struct Location {
  std::string segment;     ///< "PID"; empty: the message.
  int segment_number = 0;  ///< Among those of its name (ERR-2.2).
  int field = 0;
  int repetition = 0;
  int component = 0;
  int subcomponent = 0;
  bool operator==(const Location&) const = default;
};

/// "PID-3[2].4", "OBX[3]", "" for the message. First segments and repetitions go without number.
std::string to_string(const Location& location);

struct Finding {
  RuleClass rule_class = RuleClass::Structure;
  std::string rule;  ///< Stable name: "field-missing"; of a profile's statement: its id.
  Level level = Level::Warn;
  Location location;
  std::string group;  ///< The group that it is in: "PATIENT_RESULT/ORDER_OBSERVATION[2]".
  std::string text;   ///< In plain words.
  std::string value;  ///< What stands there, cut at `finding_value_bytes`; content of the message.
};

inline constexpr std::size_t finding_value_bytes = 200;

std::string_view to_string(RuleClass rule_class);
std::string_view to_string(Level level);
/// Table 0357: "101" for a required field that is missing, "102" for a type error, "103" for a
/// table value that is not there, "100" for the order of segments, "207" for the rest.
std::string_view error_code(const Finding& finding);

}  // namespace causeway::hl7v2
