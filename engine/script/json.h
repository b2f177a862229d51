// JSON (RFC 8259) as plain objects of a script, without loss: a number that a double holds comes as
// a number, any other as an object that prints as it was written (12345678901234567890, 1e400); and
// "1.10" is written as it came while the number stays what it was. Included by .cpp files of this
// folder only: it names the JavaScript engine. A false result leaves an exception pending.
#pragma once

#include <jsapi.h>

#include <string>

#include "engine/script/current_run.h"

namespace causeway::script {

inline constexpr int json_depth_max = 1000;

/// Gives the current realm the prototype of exact numbers.
bool define_exact_numbers(JSContext* context);
/// The text of an exact number; nullptr: it is none.
JSString* exact_number_text(JS::HandleValue value);

/// Text (UTF-8, a byte-order mark is passed over) to a value.
bool parse_json(JSContext* context, CurrentRun& run, std::string_view text,
                JS::MutableHandleValue value);
/// A value to compact text.
bool write_json(JSContext* context, CurrentRun& run, JS::HandleValue value, std::string& text);

}  // namespace causeway::script
