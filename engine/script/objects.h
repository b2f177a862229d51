// The two objects that a script's function is called with. Each realm has one of either, frozen;
// they act on the interpreter's current run. Included by .cpp files of this folder only: it names
// the JavaScript engine. A null result leaves an exception pending.
#pragma once

#include <jsapi.h>

#include "engine/script/current_run.h"

namespace causeway::script {

/// `msg`: the HL7 v2 message, read and edited by path.
JSObject* make_message_object(JSContext* context);
bool is_message_object(JS::HandleValue value);

/// `ctx`: what a run may ask for and decide. Also defines the global `console`.
JSObject* make_context_object(JSContext* context);

}  // namespace causeway::script
