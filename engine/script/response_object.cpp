// Response scripts: ctx.sent and ctx.outcome, and what they may return.
#include <fmt/format.h>

#include <js/Object.h>
#include <js/PropertyAndElement.h>
#include <js/PropertySpec.h>

#include "engine/script/handles.h"
#include "engine/script/interpreter.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

struct Meaning {
  std::string_view name;
  Outcome outcome;
};
constexpr Meaning meanings[] = {{"delivered", Outcome::Delivered},
                                {"rejected", Outcome::Rejected},
                                {"deferred", Outcome::Deferred}};

constexpr std::string_view remedy =
    "return \"delivered\", \"rejected\" or \"deferred\" (it is sent again), or {outcome, reason}; "
    "nothing if it is as ctx.outcome says";

/// The number among the run's messages of what was sent; parsed when it is first asked for.
bool sent_message(JSContext* context, CurrentRun& run, std::size_t& index) {
  if (!run.sent_message) {
    auto parsed = hl7v2::Message::parse(run.input.sent.bytes);
    if (!parsed) return fail(context, "ctx.sent: " + parsed.error().text);
    run.messages.push_back(std::move(*parsed));
    run.sent_message = run.messages.size() - 1;
  }
  index = *run.sent_message;
  return true;
}

bool sent(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = run_of(context, "ctx.sent");
  if (!run) return false;
  args.rval().setUndefined();
  if (run->input.role != ScriptRole::Response) return true;
  JS::RootedValue value(context);
  if (run->input.sent.type == ContentType::Hl7v2) {
    std::size_t index = 0;
    if (!sent_message(context, *run, index)) return false;
    auto* object = make_handle(context, HandleKind::Message, index);
    if (!object) return false;
    value.setObject(*object);
  } else if (!make_content_object(context, *run, run->input.sent, &value)) {
    return false;
  }
  args.rval().set(value);
  return true;
}

bool outcome(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = run_of(context, "ctx.outcome");
  if (!run) return false;
  args.rval().setUndefined();
  if (run->input.role != ScriptRole::Response) return true;
  auto* text = JS_NewStringCopyN(context, run->input.outcome.data(), run->input.outcome.size());
  if (text) args.rval().setString(text);
  return text != nullptr;
}

bool take_outcome(JSContext* context, CurrentRun& run, JS::HandleValue value) {
  std::string name;
  if (value.isString()) {
    JS::RootedString text(context, value.toString());
    if (!to_bytes(context, text, Encoding::Utf8, name)) return false;
  }
  for (const auto& meaning : meanings)
    if (meaning.name == name) run.output.outcome = meaning.outcome;
  if (run.output.outcome) return true;
  auto what = value.isString() ? "\"" + name.substr(0, 40) + "\"" : std::string(kind_of(value));
  return fail(context, fmt::format("it returned {}; {}", what, remedy));
}

bool take_reason(JSContext* context, CurrentRun& run, JS::HandleValue value) {
  if (value.isUndefined()) return true;
  if (!value.isString()) return fail(context, "the reason is a text, in words for people");
  JS::RootedString text(context, value.toString());
  if (!to_bytes(context, text, Encoding::Utf8, run.output.reason)) return false;
  run.output.reason.resize(std::min(run.output.reason.size(), limits::error_text_bytes));
  return true;
}

}  // namespace

const JSPropertySpec response_properties[] = {JS_PSG("sent", sent, JSPROP_ENUMERATE),
                                              JS_PSG("outcome", outcome, JSPROP_ENUMERATE),
                                              JS_PS_END};

bool take_seen(JSContext* context, CurrentRun& run, JS::HandleValue returned) {
  if (returned.isUndefined()) return true;
  if (!returned.isObject() || returned.get() == input_of(context))
    return take_outcome(context, run, returned);
  JS::RootedObject object(context, &returned.toObject());
  JS::RootedValue decided(context), reason(context);
  if (!JS_GetProperty(context, object, "outcome", &decided) ||
      !JS_GetProperty(context, object, "reason", &reason))
    return false;
  const bool reason_alone = decided.isUndefined() && reason.isString();
  return (reason_alone || take_outcome(context, run, decided)) && take_reason(context, run, reason);
}

}  // namespace causeway::script
