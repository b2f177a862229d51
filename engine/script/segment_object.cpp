// Segments of an HL7 v2 message, one by one: what msg.segments gives. A segment is known by its
// place: once others have been added or removed before it, they are to be asked for again.
#include <fmt/format.h>

#include <js/Array.h>
#include <js/Conversions.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>

#include "engine/script/handles.h"
#include "engine/script/interpreter.h"
#include "engine/script/json.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

class SegmentCall {
 public:
  SegmentCall(JSContext* context, const JS::CallArgs& args, std::string_view method)
      : context_(context), args_(args), method_(method), run_(Interpreter::of(context).run()) {}

  bool has_segment() {
    std::size_t index = 0;
    if (!is_handle(args_.thisv(), HandleKind::Segment))
      return fail("it is not called on a segment");
    if (!handle_index(context_, args_.thisv(), index)) return false;
    const auto& segment = run_->segments[index];
    message_ = &run_->messages[segment.message];
    place_ = segment.place;
    return place_ < message_->segment_count() || fail("the message has fewer segments by now");
  }

  hl7v2::Message& message() { return *message_; }
  std::size_t place() const { return place_; }

  /// "3.1" is the component of this segment.
  bool path(hl7v2::Path& out) {
    if (!args_.get(0).isString()) return fail("give a path within the segment, such as \"3.1\"");
    JS::RootedString string(context_, args_.get(0).toString());
    std::string text;
    if (!to_bytes(context_, string, Encoding::Utf8, text)) return false;
    const std::string name(message_->segment_name(place_));
    int number = 0;
    for (std::size_t i = 0; i <= place_; ++i) number += message_->segment_name(i) == name ? 1 : 0;
    auto parsed = hl7v2::parse_path(fmt::format("{}[{}]-{}", name, number, text));
    if (!parsed) return fail(parsed.error().str());
    out = std::move(*parsed);
    return true;
  }

  bool value(unsigned index, std::string& out) {
    const auto& given = args_.get(index);
    JS::RootedString string(context_, exact_number_text(given));
    if (!string && !given.isString() && !given.isNumber() && !given.isBoolean())
      return fail(
          fmt::format("the value must be a string, number or boolean, not {}", kind_of(given)));
    if (!string) string = JS::ToString(context_, given);
    return string && to_bytes(context_, string, run_->encoding, out) &&
           charge(context_, *run_, out.size());
  }

  bool give(std::string_view bytes) {
    auto* string = to_string(context_, bytes, run_->encoding);
    if (string) args_.rval().setString(string);
    return string != nullptr;
  }
  bool give(const JS::Value& value) {
    args_.rval().set(value);
    return true;
  }
  bool give(const Status& status) {
    return status ? give(JS::UndefinedValue()) : fail(status.error().str());
  }

  bool fail(std::string_view text) {
    return script::fail(context_, fmt::format("segment.{}: {}", method_, text));
  }

 private:
  JSContext* context_;
  const JS::CallArgs& args_;
  std::string_view method_;
  CurrentRun* run_;
  hl7v2::Message* message_ = nullptr;
  std::size_t place_ = 0;
};

bool get(SegmentCall& call) {
  hl7v2::Path path;
  return call.path(path) && call.give(call.message().get(path));
}

bool raw(SegmentCall& call) {
  hl7v2::Path path;
  return call.path(path) && call.give(call.message().raw(path));
}

bool set(SegmentCall& call) {
  hl7v2::Path path;
  std::string value;
  return call.path(path) && call.value(1, value) && call.give(call.message().set(path, value));
}

bool repetitions(SegmentCall& call) {
  hl7v2::Path path;
  return call.path(path) && call.give(JS::Int32Value(call.message().count_repetitions(path)));
}

bool name(SegmentCall& call) {
  return call.give(call.message().segment_name(call.place()));
}

bool index(SegmentCall& call) {
  return call.give(JS::Int32Value(static_cast<std::int32_t>(call.place())));
}

bool to_text(SegmentCall& call) {
  return call.give(call.message().segment_text(call.place()));
}

template <bool (*method)(SegmentCall&), const char* name>
bool native(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  SegmentCall call(context, args, name);
  return call.has_segment() && method(call);
}

constexpr char name_of_get[] = "get", name_of_raw[] = "raw", name_of_set[] = "set",
               name_of_repetitions[] = "repetitions", name_of_name[] = "name",
               name_of_index[] = "index", name_of_to_text[] = "toString";

const JSFunctionSpec methods[] = {
    JS_FN("get", (native<get, name_of_get>), 1, JSPROP_ENUMERATE),
    JS_FN("raw", (native<raw, name_of_raw>), 1, JSPROP_ENUMERATE),
    JS_FN("set", (native<set, name_of_set>), 2, JSPROP_ENUMERATE),
    JS_FN("repetitions", (native<repetitions, name_of_repetitions>), 1, JSPROP_ENUMERATE),
    JS_FN("name", (native<name, name_of_name>), 0, JSPROP_ENUMERATE),
    JS_FN("index", (native<index, name_of_index>), 0, JSPROP_ENUMERATE),
    JS_FN("toString", (native<to_text, name_of_to_text>), 0, JSPROP_ENUMERATE),
    JS_FS_END};

}  // namespace

bool define_segment(JSContext* context) {
  return define_handle(context, HandleKind::Segment, methods);
}

JSObject* make_segments(JSContext* context, CurrentRun& run, std::size_t message,
                        std::string_view name) {
  const auto& of = run.messages[message];
  JS::RootedObject array(context, JS::NewArrayObject(context, 0));
  JS::RootedObject item(context);
  std::uint32_t count = 0;
  for (std::size_t place = 0; array && place < of.segment_count(); ++place) {
    if (!name.empty() && of.segment_name(place) != name) continue;
    if (run.segments.size() == segments_asked_max) {
      Interpreter::of(context).stop("it asks for too many segments");
      return nullptr;
    }
    run.segments.push_back({message, place});
    item = make_handle(context, HandleKind::Segment, run.segments.size() - 1);
    if (!item || !JS_DefineElement(context, array, count++, item, JSPROP_ENUMERATE)) return nullptr;
  }
  return array;
}

}  // namespace causeway::script
