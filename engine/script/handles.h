// Objects of scripts that stand for something of the engine's: a message, a content made by
// ctx.json, a table. Each holds a number alone, and which run it belongs to, so that one that a
// script has kept from an earlier run is refused. Included by .cpp files of this folder only: it
// names the JavaScript engine. A null or false result leaves an exception pending.
#pragma once

#include <jsapi.h>

#include <js/PropertySpec.h>

#include "engine/script/current_run.h"

namespace causeway::script {

enum class HandleKind : std::uint8_t { Message, Segment, Group, Content, Table, Xml, DataSet };
inline constexpr int handle_kinds = 7;
/// What a realm's global object has room for beyond what the engine needs.
inline constexpr std::uint32_t realm_slots = handle_kinds + 2;

/// Gives the current realm the prototype of a kind: its methods, frozen.
bool define_handle(JSContext* context, HandleKind kind, const JSFunctionSpec* methods,
                   const JSPropertySpec* properties = nullptr);

/// An object of this kind with number `index` of the current run (of its tables, for a table).
JSObject* make_handle(JSContext* context, HandleKind kind, std::size_t index);

bool is_handle(JS::HandleValue value, HandleKind kind);

/// The number of an object that is of this kind; fails if it is of another run.
bool handle_index(JSContext* context, JS::HandleValue value, std::size_t& index);

/// What the function of this run is called with: set by the realm, asked for by what turns returned
/// values into content.
void set_input(JSContext* context, JS::HandleValue input);
JS::Value input_of(JSContext* context);

/// The prototype of exact numbers (json.h), in the current realm.
void set_exact_prototype(JSContext* context, JS::HandleObject prototype);
JSObject* exact_prototype_of(JSContext* context);

}  // namespace causeway::script
