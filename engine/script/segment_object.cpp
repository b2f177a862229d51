// Segments of an HL7 v2 message, one by one: what msg.segments gives. A segment is known by its
// place, which follows what scripts put in and take out before it.
#include <js/Array.h>
#include <js/PropertyAndElement.h>
#include <js/PropertySpec.h>

#include "engine/script/handles.h"
#include "engine/script/hl7_call.h"
#include "engine/script/interpreter.h"
#include "engine/script/objects.h"

namespace causeway::script {
namespace {

class SegmentCall : public Hl7Call {
 public:
  SegmentCall(JSContext* context, const JS::CallArgs& args, std::string_view method)
      : Hl7Call(context, args, "segment", method) {}

  bool find_self() {
    std::size_t index = 0;
    if (!is_handle(self(), HandleKind::Segment)) return fail("it is not called on a segment");
    if (!handle_index(context(), self(), index)) return false;
    at_ = run().segments[index];
    return at_.place != removed_place || fail("the segment has been removed");
  }

  const SegmentPlace& at() const { return at_; }
  hl7v2::Message& message() { return run().messages[at_.message]; }
  /// "3.1" is the component of this segment.
  bool path(hl7v2::Path& out) { return path_within(message().segment_name(at_.place), out); }

 private:
  SegmentPlace at_;
};

bool get(SegmentCall& call) {
  hl7v2::Path path;
  return call.path(path) && call.give(call.message().decoded_in(call.at().place, path));
}

bool raw(SegmentCall& call) {
  hl7v2::Path path;
  return call.path(path) &&
         call.give(call.message().raw_in(call.at().place, path).value_or(std::string_view()));
}

bool set(SegmentCall& call) {
  hl7v2::Path path;
  std::string value;
  return call.path(path) && call.value(1, value) && call.charge(value.size()) &&
         call.give(call.message().set_in(call.at().place, path, value));
}

bool set_raw(SegmentCall& call) {
  hl7v2::Path path;
  std::string value;
  return call.path(path) && call.value(1, value) && call.charge(value.size()) &&
         call.give(call.message().set_raw_in(call.at().place, path, value));
}

bool repetitions(SegmentCall& call) {
  hl7v2::Path path;
  return call.path(path) && call.give(JS::Int32Value(
                                call.message().count_repetitions_in(call.at().place, path.field)));
}

bool name(SegmentCall& call) {
  return call.give(call.message().segment_name(call.at().place));
}

bool index(SegmentCall& call) {
  return call.give(JS::Int32Value(static_cast<std::int32_t>(call.at().place)));
}

bool remove(SegmentCall& call) {
  return call.remove(call.at().message, {call.at().place, call.at().place + 1}) &&
         call.give(JS::UndefinedValue());
}

bool to_text(SegmentCall& call) {
  return call.give(call.message().segment_text(call.at().place));
}

constexpr char name_of_get[] = "get", name_of_raw[] = "raw", name_of_set[] = "set",
               name_of_set_raw[] = "setRaw", name_of_repetitions[] = "repetitions",
               name_of_name[] = "name", name_of_index[] = "index", name_of_remove[] = "remove",
               name_of_to_text[] = "toString";

const JSFunctionSpec methods[] = {
    JS_FN("get", (native<SegmentCall, get, name_of_get>), 1, JSPROP_ENUMERATE),
    JS_FN("raw", (native<SegmentCall, raw, name_of_raw>), 1, JSPROP_ENUMERATE),
    JS_FN("set", (native<SegmentCall, set, name_of_set>), 2, JSPROP_ENUMERATE),
    JS_FN("setRaw", (native<SegmentCall, set_raw, name_of_set_raw>), 2, JSPROP_ENUMERATE),
    JS_FN("repetitions", (native<SegmentCall, repetitions, name_of_repetitions>), 1,
          JSPROP_ENUMERATE),
    JS_FN("name", (native<SegmentCall, name, name_of_name>), 0, JSPROP_ENUMERATE),
    JS_FN("index", (native<SegmentCall, index, name_of_index>), 0, JSPROP_ENUMERATE),
    JS_FN("remove", (native<SegmentCall, remove, name_of_remove>), 0, JSPROP_ENUMERATE),
    JS_FN("toString", (native<SegmentCall, to_text, name_of_to_text>), 0, JSPROP_ENUMERATE),
    JS_FS_END};

}  // namespace

bool define_segment(JSContext* context) {
  return define_handle(context, HandleKind::Segment, methods);
}

JSObject* make_segment(JSContext* context, CurrentRun& run, const SegmentPlace& at) {
  if (run.segments.size() == segments_asked_max) {
    Interpreter::of(context).stop("it asks for too many segments");
    return nullptr;
  }
  run.segments.push_back(at);
  return make_handle(context, HandleKind::Segment, run.segments.size() - 1);
}

JSObject* make_segments(JSContext* context, CurrentRun& run, const PartOfMessage& of,
                        std::string_view name) {
  const auto& message = run.messages[of.message];
  JS::RootedObject array(context, JS::NewArrayObject(context, 0));
  JS::RootedObject item(context);
  std::uint32_t count = 0;
  for (auto place = of.range.begin; array && place < of.range.end; ++place) {
    if (!name.empty() && message.segment_name(place) != name) continue;
    item = make_segment(context, run, {of.message, place});
    if (!item || !JS_DefineElement(context, array, count++, item, JSPROP_ENUMERATE)) return nullptr;
  }
  return array;
}

}  // namespace causeway::script
