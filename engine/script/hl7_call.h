// One call of a method of a message, a segment or a group: its arguments checked, its failures
// named after it. Included by .cpp files of this folder only: it names the JavaScript engine. A
// false result leaves an exception pending.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <jsapi.h>

#include "engine/script/current_run.h"

namespace causeway::script {

class Hl7Call {
 public:
  /// `object` and `method` are what failures call it: "msg", "get".
  Hl7Call(JSContext* context, const JS::CallArgs& args, std::string_view object,
          std::string_view method);

  bool is_given(unsigned index) const { return !args_.get(index).isUndefined(); }
  bool text(unsigned index, std::string& out);
  /// A value to write: numbers and booleans are written as JavaScript prints them.
  bool value(unsigned index, std::string& out);
  /// A whole number; `absent` if it isn't given.
  bool number(unsigned index, int absent, int& out);
  /// The first argument.
  bool path(hl7v2::Path& out);
  /// Likewise, within a segment of this name: "3.1".
  bool path_within(std::string_view segment, hl7v2::Path& out);

  /// Accounts for bytes about to be written into the message.
  bool charge(std::size_t bytes);

  /// Puts what an argument stands for (a segment's text, a segment, or all of a group) into the
  /// message at a place; what is put at the end of `into` belongs to it.
  bool insert(std::size_t message, std::size_t place, unsigned index,
              const hl7v2::SegmentRange* into);
  /// Writes the values that an argument has, an object of paths within the segment, into one that
  /// has been put in, and gives it to the script.
  bool give_new(std::size_t message, std::size_t place, unsigned values);
  bool remove(std::size_t message, const hl7v2::SegmentRange& range);

  bool give(std::string_view bytes);
  bool give(const JS::Value& value);
  bool give(const Status& status);
  bool give(JSObject* object);
  bool fail(std::string_view text);

 protected:
  CurrentRun& run() { return *run_; }
  JSContext* context() { return context_; }
  JS::HandleValue self() const { return args_.thisv(); }

 private:
  /// A segment of another message of the run, or of this one.
  struct Source {
    std::size_t message = 0;
    hl7v2::SegmentRange range;
  };
  bool value(JS::HandleValue given, std::string& out);
  bool path_within(std::string_view segment, std::string_view path, hl7v2::Path& out);
  bool write_values(const SegmentPlace& at, JS::HandleObject values);
  bool source(unsigned index, Source& out);
  bool put(std::size_t message, std::size_t place, const Status& inserted,
           hl7v2::SegmentRange* into);

  JSContext* context_;
  const JS::CallArgs& args_;
  std::string_view object_, method_;
  CurrentRun* run_;
};

/// A method as the engine calls it: `Call` finds out what it is called on.
template <class Call, bool (*method)(Call&), const char* name>
bool native(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  Call call(context, args, name);
  return call.find_self() && method(call);
}

}  // namespace causeway::script
