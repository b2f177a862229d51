// Bytes of messages to strings of scripts, and back. Included by .cpp files of this folder only: it
// names the JavaScript engine. A null or false result leaves an exception pending.
#pragma once

#include <jsapi.h>

#include "engine/script/current_run.h"

namespace causeway::script {

JSString* to_string(JSContext* context, std::string_view bytes, Encoding encoding);

/// Fails for a character that the encoding has no byte for.
bool to_bytes(JSContext* context, JS::HandleString text, Encoding encoding, std::string& bytes);

/// "2024-01-02T03:04:05.678Z"
std::string iso_time(SystemTime time);

/// Throws an Error with this text.
bool fail(JSContext* context, std::string_view text);

/// "a number", "an object" …, for error texts.
std::string_view kind_of(JS::HandleValue value);

}  // namespace causeway::script
