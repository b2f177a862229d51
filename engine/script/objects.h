// What a script's function is called with, and how what it gives becomes content. The objects act
// on the interpreter's current run. Included by .cpp files of this folder only: it names the
// JavaScript engine. A null or false result leaves an exception pending.
#pragma once

#include <jsapi.h>

#include "engine/script/current_run.h"

namespace causeway::script {

// What the current realm is given before any code runs in it.
bool define_message(JSContext* context);   ///< `msg`, where it is HL7 v2: read and edited by path.
bool define_segment(JSContext* context);   ///< One of its segments.
bool define_group(JSContext* context);     ///< One of its structure's groups.
bool define_content(JSContext* context);   ///< What ctx.json and the like give.
bool define_table(JSContext* context);     ///< What ctx.table gives.
bool define_xml(JSContext* context);       ///< `msg`, where it is XML.
bool define_data_set(JSContext* context);  ///< `msg`, where it is DICOM.
/// Of its objects: elements as properties, made when they are asked for.
extern const JSClassOps data_set_ops;
/// `ctx`, frozen: what a run may ask for and decide. Also defines the global `console`.
JSObject* make_context_object(JSContext* context);

// Functions of ctx that are made elsewhere.
extern const JSFunctionSpec content_makers[];       ///< json, text, bytes
extern const JSFunctionSpec message_makers[];       ///< newMessage, parseMessage
extern const JSFunctionSpec xml_makers[];           ///< xml, parseXml
extern const JSFunctionSpec delimited_makers[];     ///< csv, parseCsv
extern const JSFunctionSpec table_makers[];         ///< table
extern const JSFunctionSpec state_makers[];         ///< counter, state, setState
extern const JSFunctionSpec enriched_makers[];      ///< enriched
extern const JSPropertySpec fact_properties[];      ///< message
extern const JSFunctionSpec attribute_setters[];    ///< attach
extern const JSPropertySpec response_properties[];  ///< sent, outcome

/// Bytes as the object that their type has in scripts; HL7 v2 as a string.
bool make_content_object(JSContext* context, CurrentRun& run, const ScriptContent& content,
                         JS::MutableHandleValue object);
/// The content of the run as the object that its type has in scripts.
bool make_input(JSContext* context, CurrentRun& run, JS::MutableHandleValue input);
/// That object as it is now; the very bytes that came if nothing was changed.
bool input_content(JSContext* context, CurrentRun& run, ScriptContent& content);
/// Any value that stands for content: msg, a string, or what ctx.json and the like gave. `use` says
/// what it was wanted for, in the error for another kind of value.
bool to_content(JSContext* context, CurrentRun& run, JS::HandleValue value, std::string_view use,
                ScriptContent& content);

/// All segments of this name ("": all) in a part of one of the run's messages, as an array; and all
/// groups.
JSObject* make_segments(JSContext* context, CurrentRun& run, const PartOfMessage& of,
                        std::string_view name);
JSObject* make_groups(JSContext* context, CurrentRun& run, const PartOfMessage& of,
                      std::string_view name);
JSObject* make_segment(JSContext* context, CurrentRun& run, const SegmentPlace& at);
/// What a copy of a message takes besides its bytes: an entry of the index of each segment.
inline constexpr std::size_t message_segment_bytes = 32;

JSObject* make_xml_node(JSContext* context, CurrentRun& run, const XmlNode& node);
bool parse_xml(JSContext* context, CurrentRun& run, std::string_view text,
               JS::MutableHandleValue value);
/// A node as a document of its own.
bool xml_content(JSContext* context, CurrentRun& run, const XmlNode& node, ScriptContent& content);

/// As a frozen object; null: one without properties.
JSObject* make_attributes(JSContext* context, const Attributes* attributes);
/// A plain object of strings and numbers; undefined: nothing. `use` as for to_content.
bool to_attributes(JSContext* context, JS::HandleValue value, std::string_view use,
                   Attributes& attributes);

JSObject* make_data_set(JSContext* context, CurrentRun& run, std::size_t data_set);
/// A data set as a file; an item is none.
bool data_set_content(JSContext* context, CurrentRun& run, const DicomPlace& place,
                      ScriptContent& content);

/// Takes what the function returned into the run's output, by the run's role.
bool take_returned(JSContext* context, CurrentRun& run, JS::HandleValue returned);
/// The same of an enrich stage's.
bool take_request(JSContext* context, CurrentRun& run, JS::HandleValue returned);
/// The same of a response script.
bool take_seen(JSContext* context, CurrentRun& run, JS::HandleValue returned);

/// The current run; nullptr with an exception while modules are loaded. `name` is who asks.
CurrentRun* run_of(JSContext* context, std::string_view name);
/// What ctx.uuid gives next.
std::string next_uuid(CurrentRun& run);
/// Accounts for bytes handed to the engine; ends the run past the limit.
bool charge(JSContext* context, CurrentRun& run, std::size_t bytes);
/// Fails unless the channel has this destination.
bool check_destination(JSContext* context, const CurrentRun& run, std::string_view use,
                       const std::string& name);

}  // namespace causeway::script
