// ctx.message: what is known of the message besides its content.
#include <fmt/format.h>

#include <js/Object.h>
#include <js/PropertyAndElement.h>

#include "engine/script/interpreter.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

using Fact = std::pair<const char*, std::string_view>;

/// A frozen object of strings.
JSObject* make_facts(JSContext* context, std::initializer_list<Fact> facts) {
  JS::RootedObject object(context, JS_NewPlainObject(context));
  if (!object) return nullptr;
  for (const auto& [name, value] : facts) {
    auto encoding = is_utf8(value) ? Encoding::Utf8 : Encoding::BytePerCharacter;
    JS::RootedString text(context, to_string(context, value, encoding));
    if (!text || !JS_DefineProperty(context, object, name, text, JSPROP_ENUMERATE)) return nullptr;
  }
  return object;
}

bool message(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = Interpreter::of(context).run();
  if (!run) return fail(context, "ctx.message: there is no message while modules are loaded");
  const auto& input = run->input;
  const auto id = causeway::to_string(input.message), received = iso_time(input.received_at);
  JS::RootedObject sender(context, make_facts(context, {{"address", input.sender_address},
                                                        {"name", input.sender_name}}));
  if (!sender || !JS_FreezeObject(context, sender)) return false;
  JS::RootedObject facts(
      context, make_facts(context, {{"id", id},
                                    {"received", received},
                                    {"contentType", causeway::to_string(input.content.type)},
                                    {"channel", input.channel},
                                    {"cause", causeway::to_string(input.cause)},
                                    {"environment", input.environment}}));
  JS::RootedObject attributes(context, make_attributes(context, input.attributes));
  if (!facts || !attributes ||
      !JS_DefineProperty(context, facts, "sender", sender, JSPROP_ENUMERATE) ||
      !JS_DefineProperty(context, facts, "attributes", attributes, JSPROP_ENUMERATE) ||
      !JS_FreezeObject(context, facts))
    return false;
  args.rval().setObject(*facts);
  return true;
}

}  // namespace

const JSPropertySpec fact_properties[] = {JS_PSG("message", message, JSPROP_ENUMERATE), JS_PS_END};

std::string iso_time(SystemTime time) {
  auto at = std::chrono::floor<std::chrono::milliseconds>(time);
  auto day = std::chrono::floor<std::chrono::days>(at);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss clock(at - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

}  // namespace causeway::script
