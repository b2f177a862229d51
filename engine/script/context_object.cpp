// `ctx` and `console`.
#include <fmt/format.h>

#include <js/Array.h>
#include <js/CallAndConstruct.h>
#include <js/Conversions.h>
#include <js/JSON.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>
#include <js/PropertySpec.h>

#include "engine/script/interpreter.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

constexpr JSClass context_class{"Context", 0, nullptr, nullptr, nullptr, nullptr};

/// Scripts of stages do; those that look at answers or make requests don't.
bool decides_what_goes_on(JSContext* context, const CurrentRun& run, std::string_view function) {
  const auto role = run.input.role;
  if (role == ScriptRole::Response)
    return fail(context, fmt::format("{}: a response script says what an answer means, and decides "
                                     "nothing else",
                                     function));
  return role != ScriptRole::Request ||
         fail(context, fmt::format("{}: an enrich stage's script makes a request, and decides "
                                   "nothing else",
                                   function));
}

bool drop(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = run_of(context, "ctx.drop");
  if (!run) return false;
  if (!decides_what_goes_on(context, *run, "ctx.drop")) return false;
  if (!args.get(0).isString()) return fail(context, "ctx.drop: give the reason, as a string");
  if (!run->output.sends.empty())
    return fail(context, "ctx.drop: ctx.send has already chosen a destination");
  JS::RootedString reason(context, args[0].toString());
  run->output.dropped = true;
  args.rval().setUndefined();
  return to_bytes(context, reason, Encoding::Utf8, run->drop_reason);
}

bool reply(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = run_of(context, "ctx.reply");
  ScriptContent content;
  if (run && run->input.role == ScriptRole::Request)
    return fail(context, "ctx.reply: an enrich stage's script makes a request, and answers nobody");
  if (!run || !to_content(context, *run, args.get(0), "ctx.reply can't take", content))
    return false;
  Attributes attributes{{"type", std::string(causeway::to_string(content.type))}};
  if (!to_attributes(context, args.get(1), "ctx.reply", attributes)) return false;
  run->output.reply = std::move(content.bytes);
  run->output.reply_attributes = std::move(attributes);
  args.rval().setUndefined();
  return true;
}

bool may_send(JSContext* context, const CurrentRun& run) {
  if (run.input.role == ScriptRole::Filter)
    return fail(context, "ctx.send: a filter decides alone; a route or transform sends");
  if (!decides_what_goes_on(context, run, "ctx.send")) return false;
  if (run.output.dropped) return fail(context, "ctx.send: ctx.drop has dropped the message");
  if (run.output.sends.size() < run.limits.parts_max) return true;
  return Interpreter::of(context).stop(
      fmt::format("it makes more than {} messages", run.limits.parts_max));
}

bool send(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = run_of(context, "ctx.send");
  if (!run || !may_send(context, *run)) return false;
  if (!args.get(0).isString())
    return fail(context, "ctx.send: give the destination's name, as a string");
  JS::RootedString name(context, args[0].toString());
  ScriptSend chosen;
  if (!to_bytes(context, name, Encoding::Utf8, chosen.destination) ||
      !check_destination(context, *run, "ctx.send", chosen.destination))
    return false;
  if (!args.get(1).isUndefined() &&
      !to_content(context, *run, args.get(1), "ctx.send can't take", chosen.content.emplace()))
    return false;
  if (!args.get(2).isUndefined() && !chosen.content)
    return fail(context, "ctx.send: attributes go with a content; for what goes on, ctx.attach");
  if (!to_attributes(context, args.get(2), "ctx.send", chosen.attributes)) return false;
  run->output.sends.push_back(std::move(chosen));
  args.rval().setUndefined();
  return true;
}

bool now(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = run_of(context, "ctx.now");
  if (!run) return false;
  auto text = iso_time(run->input.received_at);
  auto* string = JS_NewStringCopyN(context, text.data(), text.size());
  if (string) args.rval().setString(string);
  return string != nullptr;
}

std::uint64_t mixed(std::uint64_t x) {  // the finalizer of SplitMix64
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/// RFC 9562, version 8: not random but a hash of message, revision, stage, part and how manyth it
/// is, so that running again gives the same.
std::string uuid_of(const ScriptInput& input, std::uint32_t ordinal) {
  std::uint64_t revision = 0xCBF29CE484222325u;  // FNV-1a
  for (char c : input.revision)
    revision = (revision ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  auto id = static_cast<std::uint64_t>(input.message.value);
  auto place = (std::uint64_t{input.stage} << 32) | ordinal;
  if (input.part > 0) revision = mixed(revision + input.part);
  auto high = mixed(mixed(id) ^ mixed(place + 1) ^ revision);
  auto low = mixed(mixed(id + 0x9E3779B97F4A7C15u) + mixed(place ^ revision) + high);
  high = (high & ~std::uint64_t{0xF000}) | 0x8000;
  low = (low & (~std::uint64_t{0} >> 2)) | (std::uint64_t{1} << 63);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF,
                     high & 0xFFFF, low >> 48, low & 0xFFFFFFFFFFFF);
}

bool uuid(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = run_of(context, "ctx.uuid");
  if (!run) return false;
  auto text = next_uuid(*run);
  auto* string = JS_NewStringCopyN(context, text.data(), text.size());
  if (string) args.rval().setString(string);
  return string != nullptr;
}

bool collect(const char16_t* characters, std::uint32_t length, void* text) {
  auto& collected = *static_cast<std::u16string*>(text);
  if (collected.size() + length > limits::step_log_bytes) return false;
  collected.append(characters, length);
  return true;
}

/// How a value is logged: objects as JSON, as far as it fits the log.
bool shown(JSContext* context, JS::HandleValue value, std::string& out) {
  JS::RootedString string(context);
  if (value.isObject() && !JS_ObjectIsFunction(&value.toObject())) {
    std::u16string json;
    JS::RootedValue copy(context, value);
    JS::RootedValue indent(context);
    if (!JS_Stringify(context, &copy, nullptr, indent, collect, &json)) {
      if (JS_IsExceptionPending(context) || Interpreter::of(context).stopped()) return false;
      out = "(an object too large for the log)";
      return true;
    }
    string = JS_NewUCStringCopyN(context, json.data(), json.size());
  } else {
    string =
        value.isSymbol() ? JS_NewStringCopyZ(context, "a symbol") : JS::ToString(context, value);
  }
  if (!string) return false;
  if (JS::GetStringLength(string) > limits::step_log_bytes)
    string = JS_NewDependentString(context, string, 0, limits::step_log_bytes);
  return string && to_bytes(context, string, Encoding::Utf8, out);
}

bool log(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = run_of(context, "ctx.log");
  if (!run) return false;
  std::string line, part;
  for (unsigned i = 0; i < args.length() && line.size() <= limits::step_log_bytes; ++i) {
    if (!shown(context, args[i], part)) return false;
    if (i > 0) line += ' ';
    line += part;
  }
  run->log.line(line);
  args.rval().setUndefined();
  return true;
}

const JSFunctionSpec context_methods[] = {
    JS_FN("drop", drop, 1, JSPROP_ENUMERATE), JS_FN("reply", reply, 2, JSPROP_ENUMERATE),
    JS_FN("send", send, 3, JSPROP_ENUMERATE), JS_FN("uuid", uuid, 0, JSPROP_ENUMERATE),
    JS_FN("log", log, 1, JSPROP_ENUMERATE),   JS_FS_END};

const JSPropertySpec context_properties[] = {JS_PSG("now", now, JSPROP_ENUMERATE), JS_PS_END};

const JSFunctionSpec console_methods[] = {
    JS_FN("log", log, 1, JSPROP_ENUMERATE),   JS_FN("debug", log, 1, JSPROP_ENUMERATE),
    JS_FN("info", log, 1, JSPROP_ENUMERATE),  JS_FN("warn", log, 1, JSPROP_ENUMERATE),
    JS_FN("error", log, 1, JSPROP_ENUMERATE), JS_FS_END};

}  // namespace

std::string next_uuid(CurrentRun& run) {
  return uuid_of(run.input, run.uuids++);
}

CurrentRun* run_of(JSContext* context, std::string_view name) {
  auto* run = Interpreter::of(context).run();
  if (!run) fail(context, fmt::format("{}: there is no message while modules are loaded", name));
  return run;
}

bool check_destination(JSContext* context, const CurrentRun& run, std::string_view use,
                       const std::string& name) {
  const auto& names = run.input.destinations;
  return std::find(names.begin(), names.end(), name) != names.end() ||
         fail(context, fmt::format("{}: there is no destination \"{}\"; the channel has: {}", use,
                                   name, fmt::join(names, ", ")));
}

JSObject* make_context_object(JSContext* context) {
  JS::RootedObject global(context, JS::CurrentGlobalOrNull(context));
  JS::RootedObject console(context, JS_DefineObject(context, global, "console", nullptr, 0));
  if (!console || !JS_DefineFunctions(context, console, console_methods)) return nullptr;
  JS::RootedObject object(context, JS_NewObject(context, &context_class));
  if (!object || !JS_DefineFunctions(context, object, context_methods) ||
      !JS_DefineFunctions(context, object, content_makers) ||
      !JS_DefineFunctions(context, object, message_makers) ||
      !JS_DefineFunctions(context, object, table_makers) ||
      !JS_DefineFunctions(context, object, attribute_setters) ||
      !JS_DefineFunctions(context, object, xml_makers) ||
      !JS_DefineFunctions(context, object, delimited_makers) ||
      !JS_DefineFunctions(context, object, state_makers) ||
      !JS_DefineFunctions(context, object, enriched_makers) ||
      !JS_DefineProperties(context, object, fact_properties) ||
      !JS_DefineProperties(context, object, response_properties) ||
      !JS_DefineProperties(context, object, context_properties) ||
      !JS_FreezeObject(context, object))
    return nullptr;
  return object;
}

}  // namespace causeway::script
