// What a script's function returned, by the role of its stage.
#include <fmt/format.h>

#include <js/Array.h>
#include <js/ForOfIterator.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>

#include "engine/script/handles.h"
#include "engine/script/interpreter.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

class Returned {
 public:
  Returned(JSContext* context, CurrentRun& run, JS::HandleValue value)
      : context_(context), run_(run), value_(value) {}

  bool take_verdict() {
    bool edited = run_.input.content.type == ContentType::Hl7v2 && run_.messages.front().edited();
    if (run_.input.content.type == ContentType::Xml) edited = run_.xml_documents.front().edited();
    if (edited)
      return script::fail(context_, "a filter decides alone; a transform changes the message");
    if (value_.isString()) {
      JS::RootedString reason(context_, value_.toString());
      run_.output.dropped = true;
      return to_bytes(context_, reason, Encoding::Utf8, run_.drop_reason);
    }
    if (!value_.isBoolean())
      return fail("return true (it goes on), false, or the reason why not, as a string");
    if (value_.toBoolean())
      run_.output.contents.push_back(run_.input.content);
    else
      run_.output.dropped = true;
    return true;
  }

  bool take_result() {
    if (value_.isUndefined()) return add_input_unless_sent();
    bool many = false;
    if (!is_list(many)) return false;
    return many ? take_list() : add(value_);
  }

  bool take_parts() {
    if (!value_.isObject())
      return fail("return a list of parts, or another thing that can be iterated over");
    return take_list();
  }

  bool take_route() {
    if (!value_.isUndefined() && !take_destinations()) return false;
    if (value_.isUndefined() && run_.output.sends.empty())
      return fail("return the destination's name, a list of names, or an object {name: content}");
    return add_input_unless_sent();
  }

 private:
  bool fail(std::string_view remedy) {
    return script::fail(context_, fmt::format("it returned {}; {}", kind_of(value_), remedy));
  }

  bool is_list(bool& list) {
    list = false;
    if (!value_.isObject() || input_of(context_) == value_.get()) return true;
    return JS::IsArrayObject(context_, value_, &list);
  }

  bool add(JS::HandleValue value) {
    if (run_.output.contents.size() == run_.limits.parts_max)
      return Interpreter::of(context_).stop(
          fmt::format("it makes more than {} messages", run_.limits.parts_max));
    return to_content(context_, run_, value, "it returned", run_.output.contents.emplace_back());
  }

  /// The message as it now is, if anybody is left who gets it.
  bool add_input_unless_sent() {
    const auto& sends = run_.output.sends;
    bool route = run_.input.role == ScriptRole::Route;
    if ((route || !sends.empty()) &&
        std::all_of(sends.begin(), sends.end(), [](const auto& send) { return send.content; }))
      return true;
    return input_content(context_, run_, run_.output.contents.emplace_back());
  }

  bool take_list() {
    JS::ForOfIterator items(context_);
    if (!items.init(value_, JS::ForOfIterator::ThrowOnNonIterable)) return false;
    JS::RootedValue item(context_);
    for (bool done = false;;) {
      if (!items.next(&item, &done)) return false;
      if (done) break;
      if (!add(item)) return false;
    }
    if (!run_.output.contents.empty()) return true;
    run_.output.dropped = true;
    run_.drop_reason = "the list of messages is empty";
    return true;
  }

  bool choose(JS::HandleValue name) {
    if (!name.isString())
      return script::fail(context_, fmt::format("a destination is a name, not {}", kind_of(name)));
    JS::RootedString string(context_, name.toString());
    std::string text;
    if (!to_bytes(context_, string, Encoding::Utf8, text) ||
        !check_destination(context_, run_, "the route", text))
      return false;
    run_.output.sends.push_back({std::move(text), std::nullopt});
    return true;
  }

  bool take_destinations() {
    if (value_.isString()) return choose(value_);
    bool list = false;
    if (!value_.isObject() || input_of(context_) == value_.get())
      return fail("return the destination's name, a list of names, or an object {name: content}");
    if (!JS::IsArrayObject(context_, value_, &list)) return false;
    return list ? take_names() : take_contents();
  }

  bool take_names() {
    JS::ForOfIterator names(context_);
    JS::RootedValue name(context_);
    if (!names.init(value_)) return false;
    for (bool done = false;;) {
      if (!names.next(&name, &done)) return false;
      if (done) return true;
      if (run_.output.sends.size() == run_.limits.parts_max)
        return Interpreter::of(context_).stop("it names too many destinations");
      if (!choose(name)) return false;
    }
  }

  bool take_contents() {
    JS::RootedObject object(context_, &value_.toObject());
    JS::Rooted<JS::IdVector> keys(context_, JS::IdVector(context_));
    if (!JS_Enumerate(context_, object, &keys)) return false;
    JS::RootedId key(context_);
    JS::RootedValue name(context_), content(context_);
    for (std::size_t i = 0; i < keys.length(); ++i) {
      key = keys[i];
      if (!JS_IdToValue(context_, key, &name)) return false;
      if (name.isNumber()) return fail("return the names of destinations");
      if (!choose(name) || !JS_GetPropertyById(context_, object, key, &content)) return false;
      auto& send = run_.output.sends.back();
      if (!to_content(context_, run_, content, "the route gives " + send.destination,
                      send.content.emplace()))
        return false;
    }
    return true;
  }

  JSContext* context_;
  CurrentRun& run_;
  JS::HandleValue value_;
};

}  // namespace

bool take_returned(JSContext* context, CurrentRun& run, JS::HandleValue value) {
  if (run.output.dropped) return true;
  Returned returned(context, run, value);
  switch (run.input.role) {
    case ScriptRole::Filter:
      return returned.take_verdict();
    case ScriptRole::Transform:
      return returned.take_result();
    case ScriptRole::Split:
      return returned.take_parts();
    case ScriptRole::Route:
      return returned.take_route();
    case ScriptRole::Response:
      return take_seen(context, run, value);
    case ScriptRole::Request:
      return take_request(context, run, value);
  }
  return false;
}

}  // namespace causeway::script
