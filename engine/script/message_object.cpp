// `msg`. Standard: paths as in HL7 v2.x chapter 2; see engine/formats/hl7v2/message.h.
#include <fmt/format.h>

#include <js/Array.h>
#include <js/PropertyAndElement.h>
#include <js/PropertySpec.h>

#include "engine/script/handles.h"
#include "engine/script/hl7_call.h"
#include "engine/script/interpreter.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

class MessageCall : public Hl7Call {
 public:
  MessageCall(JSContext* context, const JS::CallArgs& args, std::string_view method)
      : Hl7Call(context, args, "msg", method) {}

  bool find_self() {
    if (!is_handle(self(), HandleKind::Message)) return fail("it is not called on a message");
    return handle_index(context(), self(), index_);
  }

  std::size_t index() const { return index_; }
  hl7v2::Message& message() { return run().messages[index_]; }

  /// The nth segment of a name: argument 1 and 2. `place`: nullopt if there is none.
  bool find_segment(std::string& name, std::optional<std::size_t>& place, int& n) {
    if (!text(0, name) || !number(1, 1, n)) return false;
    place = message().find_segment(name, n);
    return true;
  }

  bool give_copy() {
    if (!charge(message().bytes()->size() + message_segment_bytes * message().segment_count()))
      return false;
    run().messages.push_back(message());
    return give(make_handle(context(), HandleKind::Message, run().messages.size() - 1));
  }

  bool give_segments() {
    std::string name;
    if (is_given(0) && !text(0, name)) return false;
    return give(make_segments(context(), run(), {index_, message().all_segments()}, name));
  }

  bool give_groups() {
    std::string name;
    return text(0, name) &&
           give(make_groups(context(), run(), {index_, message().all_segments()}, name));
  }

  /// Every value that a path's wildcards stand for.
  bool give_all() {
    hl7v2::Path at;
    if (!path(at)) return false;
    JS::RootedObject array(context(), JS::NewArrayObject(context(), 0));
    std::uint32_t count = 0;
    for (const auto& match : message().matches(at)) {
      JS::RootedString value(context(),
                             to_string(context(), message().get(match.path), run().encoding));
      if (!array || !value || !JS_DefineElement(context(), array, count++, value, JSPROP_ENUMERATE))
        return false;
    }
    return give(array.get());
  }

 private:
  std::size_t index_ = 0;
};

bool get(MessageCall& call) {
  hl7v2::Path path;
  return call.path(path) && call.give(call.message().get(path));
}

bool raw(MessageCall& call) {
  hl7v2::Path path;
  return call.path(path) && call.give(call.message().raw(path));
}

bool all(MessageCall& call) {
  return call.give_all();
}

bool set(MessageCall& call) {
  hl7v2::Path path;
  std::string value;
  return call.path(path) && call.value(1, value) && call.charge(value.size()) &&
         call.give(call.message().set(path, value));
}

bool set_raw(MessageCall& call) {
  hl7v2::Path path;
  std::string value;
  return call.path(path) && call.value(1, value) && call.charge(value.size()) &&
         call.give(call.message().set_raw(path, value));
}

bool repetitions(MessageCall& call) {
  hl7v2::Path path;
  return call.path(path) && call.give(JS::Int32Value(call.message().count_repetitions(path)));
}

bool count(MessageCall& call) {
  std::string name;
  return call.text(0, name) && call.give(JS::Int32Value(call.message().count_segments(name)));
}

bool segment(MessageCall& call) {
  std::string name;
  std::optional<std::size_t> place;
  int n = 1;
  if (!call.find_segment(name, place, n)) return false;
  return place ? call.give(call.message().segment_text(*place)) : call.give(JS::UndefinedValue());
}

bool segments(MessageCall& call) {
  return call.give_segments();
}

bool groups(MessageCall& call) {
  return call.give_groups();
}

bool index_of(MessageCall& call) {
  std::string name;
  std::optional<std::size_t> place;
  int n = 1;
  if (!call.find_segment(name, place, n)) return false;
  return call.give(JS::Int32Value(place ? static_cast<int>(*place) : -1));
}

bool append(MessageCall& call) {
  const auto place = call.message().segment_count();
  return call.insert(call.index(), place, 0, nullptr) && call.give_new(call.index(), place, 1);
}

bool insert(MessageCall& call) {
  int place = 0;
  return call.number(0, 0, place) &&
         call.insert(call.index(), static_cast<std::size_t>(place), 1, nullptr) &&
         call.give_new(call.index(), static_cast<std::size_t>(place), 2);
}

bool remove(MessageCall& call) {
  std::string name;
  std::optional<std::size_t> place;
  int n = 1;
  if (!call.find_segment(name, place, n)) return false;
  if (!place) return call.fail(fmt::format("there is no segment {} number {}", name, n));
  return call.remove(call.index(), {*place, *place + 1}) && call.give(JS::UndefinedValue());
}

bool to_text(MessageCall& call) {
  auto bytes = call.message().bytes();
  return call.charge(bytes->size()) && call.give(std::string_view(*bytes));
}

bool copy(MessageCall& call) {
  return call.give_copy();
}

constexpr char name_of_get[] = "get", name_of_raw[] = "raw", name_of_all[] = "all",
               name_of_set[] = "set", name_of_set_raw[] = "setRaw",
               name_of_repetitions[] = "repetitions", name_of_count[] = "count",
               name_of_segment[] = "segment", name_of_segments[] = "segments",
               name_of_groups[] = "groups", name_of_index_of[] = "indexOf",
               name_of_append[] = "append", name_of_insert[] = "insert",
               name_of_remove[] = "remove", name_of_copy[] = "copy", name_of_to_text[] = "toString";

const JSFunctionSpec methods[] = {
    JS_FN("get", (native<MessageCall, get, name_of_get>), 1, JSPROP_ENUMERATE),
    JS_FN("raw", (native<MessageCall, raw, name_of_raw>), 1, JSPROP_ENUMERATE),
    JS_FN("all", (native<MessageCall, all, name_of_all>), 1, JSPROP_ENUMERATE),
    JS_FN("set", (native<MessageCall, set, name_of_set>), 2, JSPROP_ENUMERATE),
    JS_FN("setRaw", (native<MessageCall, set_raw, name_of_set_raw>), 2, JSPROP_ENUMERATE),
    JS_FN("repetitions", (native<MessageCall, repetitions, name_of_repetitions>), 1,
          JSPROP_ENUMERATE),
    JS_FN("count", (native<MessageCall, count, name_of_count>), 1, JSPROP_ENUMERATE),
    JS_FN("segment", (native<MessageCall, segment, name_of_segment>), 2, JSPROP_ENUMERATE),
    JS_FN("segments", (native<MessageCall, segments, name_of_segments>), 1, JSPROP_ENUMERATE),
    JS_FN("groups", (native<MessageCall, groups, name_of_groups>), 1, JSPROP_ENUMERATE),
    JS_FN("indexOf", (native<MessageCall, index_of, name_of_index_of>), 2, JSPROP_ENUMERATE),
    JS_FN("append", (native<MessageCall, append, name_of_append>), 2, JSPROP_ENUMERATE),
    JS_FN("insert", (native<MessageCall, insert, name_of_insert>), 3, JSPROP_ENUMERATE),
    JS_FN("remove", (native<MessageCall, remove, name_of_remove>), 2, JSPROP_ENUMERATE),
    JS_FN("copy", (native<MessageCall, copy, name_of_copy>), 0, JSPROP_ENUMERATE),
    JS_FN("toString", (native<MessageCall, to_text, name_of_to_text>), 0, JSPROP_ENUMERATE),
    JS_FS_END};

}  // namespace

bool define_message(JSContext* context) {
  return define_handle(context, HandleKind::Message, methods);
}

}  // namespace causeway::script
