// Data sets as JSON, with keywords for names: how queries are asked and answered by scripts.
//
//   {"PatientName": "DOE^JANE", "ScheduledProcedureStepSequence": [{"Modality": "CT"}]}
//
// A name is a keyword or a tag ("00100010"). A value is text (a backslash parts several), a number,
// or a list of them; a sequence is a list of objects; null is an element without a value. Binary
// values and pixel data have no place in it.
//
// Pure; thread-safe. Errors: Invalid, Limit; place: the path of what is wrong, never a value.
#pragma once

#include <string>
#include <vector>

#include "engine/config/value.h"
#include "engine/core/body.h"

namespace causeway::connectors::dicom {

inline constexpr std::size_t data_sets_max = 10'000;  ///< Of one list.

/// Without SpecificCharacterSet it is UTF-8. Encoded without a file's head.
Result<std::string> encode_data_set(const config::Value& object, std::string_view transfer_syntax);
/// A list of data sets; an object counts as a list of one.
Result<std::vector<std::string>> encode_data_sets(std::string_view json,
                                                  std::string_view transfer_syntax);

/// An encoded data set, without a file's head.
Result<config::Value> data_set_as_json(std::string_view data_set, std::string_view transfer_syntax);

}  // namespace causeway::connectors::dicom
