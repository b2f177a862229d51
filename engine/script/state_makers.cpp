// ctx.counter, ctx.state and ctx.setState: what the runs of a lane leave to the next.
#include <charconv>

#include <fmt/format.h>

#include "engine/script/interpreter.h"
#include "engine/script/json.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

constexpr std::size_t name_bytes_max = limits::state_name_bytes - counter_prefix.size();
constexpr std::int64_t counter_max = (std::int64_t{1} << 53) - 1;  // what a number holds exactly

/// One call of one of these functions.
class StateCall {
 public:
  StateCall(JSContext* context, const JS::CallArgs& args, std::string_view function)
      : context_(context), args_(args), function_(function) {}

  /// The run, and the name under which the value is kept.
  bool begin(std::string_view prefix) {
    run_ = run_of(context_, function_);
    if (!run_) return false;
    if (!run_->input.state)
      return fail(
          "state belongs to a lane, and here is none: the channel keeps no order (\"order_by\": "
          "\"none\"), or it is a response script");
    if (!args_.get(0).isString()) return fail("give a name, as a string");
    JS::RootedString text(context_, args_[0].toString());
    std::string name;
    if (!to_bytes(context_, text, Encoding::Utf8, name)) return false;
    if (name.empty() || name.size() > name_bytes_max)
      return fail(fmt::format("a name has 1 to {} bytes", name_bytes_max));
    key_ = std::string(prefix) + name;
    return true;
  }

  /// As this run has left it, or the run before; none is the same as "".
  bool read(std::string& value) {
    if (const auto* change = own_change()) {
      value = change->value;
      return true;
    }
    auto stored = run_->input.state->read(key_);
    if (stored) {
      value = stored->value_or("");
      return true;
    }
    // Not for the script to catch: without the store the run is void.
    if (stored.error().kind == ErrorKind::Unavailable)
      return Interpreter::of(context_).stop("the store is away");
    return fail(stored.error().text);
  }

  bool write(std::string value) {
    if (value.size() > limits::state_value_bytes)
      return fail(fmt::format("the value has {} bytes; {} are allowed", value.size(),
                              limits::state_value_bytes));
    auto& changes = run_->output.changes;
    if (auto* change = own_change()) {
      change->value = std::move(value);
      return true;
    }
    if (changes.size() == limits::state_changes_max)
      return fail(fmt::format("a run may change {} names", limits::state_changes_max));
    changes.push_back({key_, std::move(value)});
    return true;
  }

  bool fail(std::string_view text) {
    return script::fail(context_, fmt::format("{}: {}", function_, text));
  }

  CurrentRun& run() { return *run_; }

 private:
  StateChange* own_change() {
    auto& changes = run_->output.changes;
    auto found = std::find_if(changes.begin(), changes.end(),
                              [&](const auto& change) { return change.name == key_; });
    return found == changes.end() ? nullptr : &*found;
  }

  JSContext* context_;
  const JS::CallArgs& args_;
  std::string_view function_;
  CurrentRun* run_ = nullptr;
  std::string key_;
};

bool counter(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  StateCall call(context, args, "ctx.counter");
  std::string text;
  if (!call.begin(counter_prefix) || !call.read(text)) return false;
  std::int64_t last = 0;
  std::from_chars(text.data(), text.data() + text.size(), last);
  if (last >= counter_max) return call.fail("it has come to its end");
  if (!call.write(std::to_string(last + 1))) return false;
  args.rval().setNumber(static_cast<double>(last + 1));
  return true;
}

bool state(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  StateCall call(context, args, "ctx.state");
  std::string text;
  if (!call.begin(value_prefix) || !call.read(text)) return false;
  args.rval().setUndefined();
  if (text.empty()) return true;
  JS::RootedValue value(context);
  if (!parse_json(context, call.run(), text, &value)) return false;
  args.rval().set(value);
  return true;
}

bool set_state(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  StateCall call(context, args, "ctx.setState");
  if (!call.begin(value_prefix)) return false;
  if (args.length() < 2) return call.fail("give a value; undefined forgets it");
  std::string text;
  if (!args[1].isUndefined() && !write_json(context, call.run(), args[1], text)) return false;
  args.rval().setUndefined();
  return call.write(std::move(text));
}

}  // namespace

const JSFunctionSpec state_makers[] = {
    JS_FN("counter", counter, 1, JSPROP_ENUMERATE), JS_FN("state", state, 1, JSPROP_ENUMERATE),
    JS_FN("setState", set_state, 2, JSPROP_ENUMERATE), JS_FS_END};

}  // namespace causeway::script
