// `msg`. Standard: paths as in HL7 v2.x chapter 2; see engine/formats/hl7v2/message.h.
#include <fmt/format.h>

#include <js/CallAndConstruct.h>
#include <js/Conversions.h>
#include <js/Object.h>
#include <js/PropertySpec.h>

#include "engine/script/handles.h"
#include "engine/script/interpreter.h"
#include "engine/script/json.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

/// What a copy takes besides its bytes: an entry of the index of each segment.
constexpr std::size_t segment_bytes = 32;

/// One call of a method: its arguments checked, its failures named after it.
class Call {
 public:
  Call(JSContext* context, const JS::CallArgs& args, std::string_view method)
      : context_(context), args_(args), method_(method), run_(Interpreter::of(context).run()) {}

  /// To be asked first: false if there is no message to act on.
  bool has_message() {
    if (!is_handle(args_.thisv(), HandleKind::Message))
      return fail("it is not called on a message");
    if (!handle_index(context_, args_.thisv(), index_)) return false;
    message_ = &run_->messages[index_];
    return true;
  }

  hl7v2::Message& message() { return *message_; }

  bool give_copy() {
    if (!charge(message().bytes()->size() + segment_bytes * message().segment_count()))
      return false;
    run_->messages.push_back(message());
    auto* object = make_handle(context_, HandleKind::Message, run_->messages.size() - 1);
    return object && give(JS::ObjectValue(*object));
  }

  bool give_segments() {
    std::string name;
    if (!args_.get(0).isUndefined() && !text(0, name)) return false;
    auto* array = make_segments(context_, *run_, index_, name);
    return array && give(JS::ObjectValue(*array));
  }

  bool text(unsigned index, std::string& out) {
    if (!args_.get(index).isString())
      return fail(fmt::format("argument {} must be a string, not {}", index + 1,
                              kind_of(args_.get(index))));
    JS::RootedString string(context_, args_.get(index).toString());
    return to_bytes(context_, string, run_->encoding, out);
  }

  /// A value to write: numbers and booleans are written as JavaScript prints them.
  bool value(unsigned index, std::string& out) {
    if (args_.get(index).isString()) return text(index, out);
    if (auto* exact = exact_number_text(args_.get(index))) {
      JS::RootedString string(context_, exact);
      return to_bytes(context_, string, run_->encoding, out);
    }
    if (!args_.get(index).isNumber() && !args_.get(index).isBoolean())
      return fail(fmt::format("the value must be a string, number or boolean, not {}",
                              kind_of(args_.get(index))));
    JS::RootedString string(context_, JS::ToString(context_, args_.get(index)));
    return string && to_bytes(context_, string, run_->encoding, out);
  }

  /// A whole number; `absent` if it isn't given.
  bool number(unsigned index, int absent, int& out) {
    out = absent;
    if (args_.get(index).isUndefined()) return true;
    double given = args_.get(index).isNumber() ? args_.get(index).toNumber() : -1;
    if (!(given >= 0 && given <= hl7v2::segments_max && given == static_cast<int>(given)))
      return fail(fmt::format("argument {} must be a whole number from 0", index + 1));
    out = static_cast<int>(given);
    return true;
  }

  bool path(hl7v2::Path& out) {
    std::string text_of_path;
    if (!text(0, text_of_path)) return false;
    auto parsed = hl7v2::parse_path(text_of_path);
    if (!parsed) return fail(parsed.error().str());
    out = std::move(*parsed);
    return true;
  }

  /// Accounts for bytes about to be written into the message.
  bool charge(std::size_t bytes) {
    if (run_->charge(bytes)) return true;
    return Interpreter::of(context_).stop(
        fmt::format("it writes more than {} MiB", run_->limits.output_bytes / (1024 * 1024)));
  }

  bool give(std::string_view bytes) {
    auto* string = to_string(context_, bytes, run_->encoding);
    if (!string) return false;
    args_.rval().setString(string);
    return true;
  }
  bool give(const JS::Value& value) {
    args_.rval().set(value);
    return true;
  }
  bool give(const Status& status) {
    if (!status) return fail(status.error().str());
    return give(JS::UndefinedValue());
  }

  bool fail(std::string_view text) {
    return script::fail(context_, fmt::format("msg.{}: {}", method_, text));
  }

 private:
  JSContext* context_;
  const JS::CallArgs& args_;
  std::string_view method_;
  CurrentRun* run_;
  std::size_t index_ = 0;
  hl7v2::Message* message_ = nullptr;
};

bool get(Call& call) {
  hl7v2::Path path;
  return call.path(path) && call.give(call.message().get(path));
}

bool raw(Call& call) {
  hl7v2::Path path;
  return call.path(path) && call.give(call.message().raw(path));
}

bool set(Call& call) {
  hl7v2::Path path;
  std::string value;
  return call.path(path) && call.value(1, value) && call.charge(value.size()) &&
         call.give(call.message().set(path, value));
}

bool set_raw(Call& call) {
  hl7v2::Path path;
  std::string value;
  return call.path(path) && call.value(1, value) && call.charge(value.size()) &&
         call.give(call.message().set_raw(path, value));
}

bool repetitions(Call& call) {
  hl7v2::Path path;
  return call.path(path) && call.give(JS::Int32Value(call.message().count_repetitions(path)));
}

bool count(Call& call) {
  std::string name;
  return call.text(0, name) && call.give(JS::Int32Value(call.message().count_segments(name)));
}

bool segment(Call& call) {
  std::string name;
  int n = 1;
  if (!call.text(0, name) || !call.number(1, 1, n)) return false;
  auto index = call.message().find_segment(name, n);
  return index ? call.give(call.message().segment_text(*index)) : call.give(JS::UndefinedValue());
}

bool segments(Call& call) {
  return call.give_segments();
}

bool index_of(Call& call) {
  std::string name;
  int n = 1;
  if (!call.text(0, name) || !call.number(1, 1, n)) return false;
  auto index = call.message().find_segment(name, n);
  return call.give(JS::Int32Value(index ? static_cast<int>(*index) : -1));
}

bool append(Call& call) {
  std::string text;
  return call.text(0, text) && call.charge(text.size()) &&
         call.give(call.message().append_segment(text));
}

bool insert(Call& call) {
  int index = 0;
  std::string text;
  return call.number(0, 0, index) && call.text(1, text) && call.charge(text.size()) &&
         call.give(call.message().insert_segment(static_cast<std::size_t>(index), text));
}

bool remove(Call& call) {
  std::string name;
  int n = 1;
  if (!call.text(0, name) || !call.number(1, 1, n)) return false;
  auto index = call.message().find_segment(name, n);
  if (!index) return call.fail(fmt::format("there is no segment {} number {}", name, n));
  return call.give(call.message().remove_segment(*index));
}

bool to_text(Call& call) {
  auto bytes = call.message().bytes();
  return call.charge(bytes->size()) && call.give(std::string_view(*bytes));
}

bool copy(Call& call) {
  return call.give_copy();
}

/// A method as the engine calls it.
template <bool (*method)(Call&), const char* name>
bool native(JSContext* context, unsigned count_of_args, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count_of_args, vp);
  Call call(context, args, name);
  return call.has_message() && method(call);
}

constexpr char name_of_get[] = "get", name_of_raw[] = "raw", name_of_set[] = "set",
               name_of_set_raw[] = "setRaw", name_of_repetitions[] = "repetitions",
               name_of_count[] = "count", name_of_segment[] = "segment",
               name_of_segments[] = "segments", name_of_index_of[] = "indexOf",
               name_of_append[] = "append", name_of_insert[] = "insert",
               name_of_remove[] = "remove", name_of_copy[] = "copy", name_of_to_text[] = "toString";

const JSFunctionSpec methods[] = {
    JS_FN("get", (native<get, name_of_get>), 1, JSPROP_ENUMERATE),
    JS_FN("raw", (native<raw, name_of_raw>), 1, JSPROP_ENUMERATE),
    JS_FN("set", (native<set, name_of_set>), 2, JSPROP_ENUMERATE),
    JS_FN("setRaw", (native<set_raw, name_of_set_raw>), 2, JSPROP_ENUMERATE),
    JS_FN("repetitions", (native<repetitions, name_of_repetitions>), 1, JSPROP_ENUMERATE),
    JS_FN("count", (native<count, name_of_count>), 1, JSPROP_ENUMERATE),
    JS_FN("segment", (native<segment, name_of_segment>), 2, JSPROP_ENUMERATE),
    JS_FN("segments", (native<segments, name_of_segments>), 1, JSPROP_ENUMERATE),
    JS_FN("indexOf", (native<index_of, name_of_index_of>), 2, JSPROP_ENUMERATE),
    JS_FN("append", (native<append, name_of_append>), 1, JSPROP_ENUMERATE),
    JS_FN("insert", (native<insert, name_of_insert>), 2, JSPROP_ENUMERATE),
    JS_FN("remove", (native<remove, name_of_remove>), 2, JSPROP_ENUMERATE),
    JS_FN("copy", (native<copy, name_of_copy>), 0, JSPROP_ENUMERATE),
    JS_FN("toString", (native<to_text, name_of_to_text>), 0, JSPROP_ENUMERATE),
    JS_FS_END};

}  // namespace

bool define_message(JSContext* context) {
  return define_handle(context, HandleKind::Message, methods);
}

}  // namespace causeway::script
