// Groups of an HL7 v2 message's structure: what msg.groups gives. A group is the segments that it
// had when it was asked for; it follows what scripts put in and take out.
#include <fmt/format.h>

#include <js/Array.h>
#include <js/PropertyAndElement.h>
#include <js/PropertySpec.h>

#include "engine/script/handles.h"
#include "engine/script/hl7_call.h"
#include "engine/script/interpreter.h"
#include "engine/script/objects.h"

namespace causeway::script {
namespace {

class GroupCall : public Hl7Call {
 public:
  GroupCall(JSContext* context, const JS::CallArgs& args, std::string_view method)
      : Hl7Call(context, args, "group", method) {}

  bool find_self() {
    std::size_t index = 0;
    if (!is_handle(self(), HandleKind::Group)) return fail("it is not called on a group");
    if (!handle_index(context(), self(), index)) return false;
    at_ = run().groups[index];
    return at_.range.begin < at_.range.end || fail("the group has been removed");
  }

  const PartOfMessage& at() const { return at_; }
  std::string_view name() const { return at_.name; }
  hl7v2::Message& message() { return run().messages[at_.message]; }
  std::optional<std::size_t> find(const hl7v2::Path& path) {
    return message().find_segment(path, at_.range);
  }

  /// The place to write to, which must be there.
  bool place(hl7v2::Path& out, std::size_t& segment) {
    if (!path(out)) return false;
    if (out.has_wildcard()) return fail("a wildcard can't be written to");
    const auto found = find(out);
    if (!found) return fail(fmt::format("{}: the group has no such segment", to_string(out)));
    segment = *found;
    return true;
  }

  /// The nth segment of a name, by argument 1 and 2.
  bool find_named(hl7v2::Path& named, std::optional<std::size_t>& segment) {
    std::string name_given;
    int n = 1;
    if (!text(0, name_given) || !number(1, 1, n)) return false;
    named.segment = name_given;
    named.segment_index = n;
    segment = find(named);
    return true;
  }

  bool give_segments() {
    std::string name_given;
    if (is_given(0) && !text(0, name_given)) return false;
    return give(make_segments(context(), run(), at_, name_given));
  }

  bool give_groups() {
    std::string name_given;
    return text(0, name_given) && give(make_groups(context(), run(), at_, name_given));
  }

 private:
  GroupOfMessage at_;
};

bool get(GroupCall& call) {
  hl7v2::Path path;
  if (!call.path(path)) return false;
  const auto segment = call.find(path);
  return call.give(segment ? call.message().decoded_in(*segment, path) : std::string());
}

bool raw(GroupCall& call) {
  hl7v2::Path path;
  if (!call.path(path)) return false;
  const auto segment = call.find(path);
  const auto value = segment ? call.message().raw_in(*segment, path) : std::nullopt;
  return call.give(value.value_or(std::string_view()));
}

bool set(GroupCall& call) {
  hl7v2::Path path;
  std::size_t segment = 0;
  std::string value;
  return call.place(path, segment) && call.value(1, value) && call.charge(value.size()) &&
         call.give(call.message().set_in(segment, path, value));
}

bool set_raw(GroupCall& call) {
  hl7v2::Path path;
  std::size_t segment = 0;
  std::string value;
  return call.place(path, segment) && call.value(1, value) && call.charge(value.size()) &&
         call.give(call.message().set_raw_in(segment, path, value));
}

bool repetitions(GroupCall& call) {
  hl7v2::Path path;
  if (!call.path(path)) return false;
  const auto segment = call.find(path);
  return call.give(
      JS::Int32Value(segment ? call.message().count_repetitions_in(*segment, path.field) : 0));
}

bool name(GroupCall& call) {
  return call.give(call.name());
}

bool index(GroupCall& call) {
  return call.give(JS::Int32Value(static_cast<std::int32_t>(call.at().range.begin)));
}

bool count(GroupCall& call) {
  std::string name_given;
  if (!call.text(0, name_given)) return false;
  int found = 0;
  for (auto i = call.at().range.begin; i < call.at().range.end; ++i)
    found += call.message().segment_name(i) == name_given ? 1 : 0;
  return call.give(JS::Int32Value(found));
}

bool segment(GroupCall& call) {
  hl7v2::Path named;
  std::optional<std::size_t> found;
  if (!call.find_named(named, found)) return false;
  return found ? call.give(call.message().segment_text(*found)) : call.give(JS::UndefinedValue());
}

bool segments(GroupCall& call) {
  return call.give_segments();
}

bool groups(GroupCall& call) {
  return call.give_groups();
}

bool append(GroupCall& call) {
  const auto place = call.at().range.end;
  return call.insert(call.at().message, place, 0, &call.at().range) &&
         call.give_new(call.at().message, place, 1);
}

bool remove(GroupCall& call) {
  if (!call.is_given(0))
    return call.remove(call.at().message, call.at().range) && call.give(JS::UndefinedValue());
  hl7v2::Path named;
  std::optional<std::size_t> found;
  if (!call.find_named(named, found)) return false;
  if (!found)
    return call.fail(
        fmt::format("there is no segment {} number {}", named.segment, named.segment_index));
  return call.remove(call.at().message, {*found, *found + 1}) && call.give(JS::UndefinedValue());
}

bool to_text(GroupCall& call) {
  std::string text;
  for (auto i = call.at().range.begin; i < call.at().range.end; ++i)
    text.append(call.message().segment_text(i)).push_back('\r');
  return call.charge(text.size()) && call.give(std::string_view(text));
}

constexpr char name_of_get[] = "get", name_of_raw[] = "raw", name_of_set[] = "set",
               name_of_set_raw[] = "setRaw", name_of_repetitions[] = "repetitions",
               name_of_name[] = "name", name_of_index[] = "index", name_of_count[] = "count",
               name_of_segment[] = "segment", name_of_segments[] = "segments",
               name_of_groups[] = "groups", name_of_append[] = "append",
               name_of_remove[] = "remove", name_of_to_text[] = "toString";

const JSFunctionSpec methods[] = {
    JS_FN("get", (native<GroupCall, get, name_of_get>), 1, JSPROP_ENUMERATE),
    JS_FN("raw", (native<GroupCall, raw, name_of_raw>), 1, JSPROP_ENUMERATE),
    JS_FN("set", (native<GroupCall, set, name_of_set>), 2, JSPROP_ENUMERATE),
    JS_FN("setRaw", (native<GroupCall, set_raw, name_of_set_raw>), 2, JSPROP_ENUMERATE),
    JS_FN("repetitions", (native<GroupCall, repetitions, name_of_repetitions>), 1,
          JSPROP_ENUMERATE),
    JS_FN("name", (native<GroupCall, name, name_of_name>), 0, JSPROP_ENUMERATE),
    JS_FN("index", (native<GroupCall, index, name_of_index>), 0, JSPROP_ENUMERATE),
    JS_FN("count", (native<GroupCall, count, name_of_count>), 1, JSPROP_ENUMERATE),
    JS_FN("segment", (native<GroupCall, segment, name_of_segment>), 2, JSPROP_ENUMERATE),
    JS_FN("segments", (native<GroupCall, segments, name_of_segments>), 1, JSPROP_ENUMERATE),
    JS_FN("groups", (native<GroupCall, groups, name_of_groups>), 1, JSPROP_ENUMERATE),
    JS_FN("append", (native<GroupCall, append, name_of_append>), 2, JSPROP_ENUMERATE),
    JS_FN("remove", (native<GroupCall, remove, name_of_remove>), 2, JSPROP_ENUMERATE),
    JS_FN("toString", (native<GroupCall, to_text, name_of_to_text>), 0, JSPROP_ENUMERATE),
    JS_FS_END};

}  // namespace

bool define_group(JSContext* context) {
  return define_handle(context, HandleKind::Group, methods);
}

JSObject* make_groups(JSContext* context, CurrentRun& run, const PartOfMessage& of,
                      std::string_view name) {
  const auto& message = run.messages[of.message];
  JS::RootedObject array(context, JS::NewArrayObject(context, 0));
  JS::RootedObject item(context);
  std::uint32_t count = 0;
  for (const auto& range : message.find_groups(name, of.range)) {
    if (!array) break;
    if (run.groups.size() == segments_asked_max) {
      Interpreter::of(context).stop("it asks for too many groups");
      return nullptr;
    }
    run.groups.push_back({{of.message, range}, std::string(name)});
    item = make_handle(context, HandleKind::Group, run.groups.size() - 1);
    if (!item || !JS_DefineElement(context, array, count++, item, JSPROP_ENUMERATE)) return nullptr;
  }
  return array;
}

}  // namespace causeway::script
