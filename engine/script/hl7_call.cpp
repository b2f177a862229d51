#include "engine/script/hl7_call.h"

#include <fmt/format.h>

#include <js/CallAndConstruct.h>
#include <js/Conversions.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>

#include "engine/script/handles.h"
#include "engine/script/interpreter.h"
#include "engine/script/json.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {

Hl7Call::Hl7Call(JSContext* context, const JS::CallArgs& args, std::string_view object,
                 std::string_view method)
    : context_(context),
      args_(args),
      object_(object),
      method_(method),
      run_(Interpreter::of(context).run()) {}

bool Hl7Call::text(unsigned index, std::string& out) {
  if (!args_.get(index).isString())
    return fail(
        fmt::format("argument {} must be a string, not {}", index + 1, kind_of(args_.get(index))));
  JS::RootedString string(context_, args_.get(index).toString());
  return to_bytes(context_, string, run_->encoding, out);
}

bool Hl7Call::value(unsigned index, std::string& out) {
  return value(args_.get(index), out);
}

bool Hl7Call::value(JS::HandleValue given, std::string& out) {
  JS::RootedString string(context_, given.isString() ? given.toString() : exact_number_text(given));
  if (!string && !given.isNumber() && !given.isBoolean())
    return fail(
        fmt::format("the value must be a string, number or boolean, not {}", kind_of(given)));
  if (!string) string = JS::ToString(context_, given);
  return string && to_bytes(context_, string, run_->encoding, out);
}

bool Hl7Call::number(unsigned index, int absent, int& out) {
  out = absent;
  if (!is_given(index)) return true;
  const double given = args_.get(index).isNumber() ? args_.get(index).toNumber() : -1;
  if (!(given >= 0 && given <= hl7v2::segments_max && given == static_cast<int>(given)))
    return fail(fmt::format("argument {} must be a whole number from 0", index + 1));
  out = static_cast<int>(given);
  return true;
}

bool Hl7Call::path(hl7v2::Path& out) {
  std::string text_of_path;
  if (!text(0, text_of_path)) return false;
  auto parsed = hl7v2::parse_path(text_of_path);
  if (!parsed) return fail(parsed.error().str());
  out = std::move(*parsed);
  return true;
}

bool Hl7Call::path_within(std::string_view segment, hl7v2::Path& out) {
  if (!args_.get(0).isString()) return fail("give a path within the segment, such as \"3.1\"");
  std::string text_of_path;
  return text(0, text_of_path) && path_within(segment, text_of_path, out);
}

bool Hl7Call::path_within(std::string_view segment, std::string_view text_of_path,
                          hl7v2::Path& out) {
  // What is no segment's name by the standard has fields all the same.
  const std::string_view name = hl7v2::parse_path(segment) ? segment : "ZZZ";
  auto parsed = hl7v2::parse_path(fmt::format("{}-{}", name, text_of_path));
  if (!parsed) return fail(parsed.error().str());
  out = std::move(*parsed);
  return true;
}

bool Hl7Call::charge(std::size_t bytes) {
  return script::charge(context_, *run_, bytes);
}

bool Hl7Call::source(unsigned index, Source& out) {
  std::size_t handle = 0;
  if (is_handle(args_.get(index), HandleKind::Segment)) {
    if (!handle_index(context_, args_.get(index), handle)) return false;
    const auto& segment = run_->segments[handle];
    out = {segment.message, {segment.place, segment.place + 1}};
    return segment.place != removed_place || fail("the segment has been removed");
  }
  if (is_handle(args_.get(index), HandleKind::Group)) {
    if (!handle_index(context_, args_.get(index), handle)) return false;
    const auto& group = run_->groups[handle];
    out = {group.message, group.range};
    return group.range.begin < group.range.end || fail("the group has been removed");
  }
  return fail(fmt::format("argument {} must be a segment's text, a segment or a group, not {}",
                          index + 1, kind_of(args_.get(index))));
}

/// Takes note of a segment that has been put in, so that what a script holds keeps its meaning.
bool Hl7Call::put(std::size_t message, std::size_t place, const Status& inserted,
                  hl7v2::SegmentRange* into) {
  if (!inserted) return fail(inserted.error().str());
  run_->segment_inserted(message, place, into);
  if (into) ++into->end;
  return true;
}

bool Hl7Call::insert(std::size_t message, std::size_t place, unsigned index,
                     const hl7v2::SegmentRange* into) {
  auto& target = run_->messages[message];
  hl7v2::SegmentRange growing = into ? *into : hl7v2::SegmentRange{};
  auto* within = into ? &growing : nullptr;
  if (args_.get(index).isString()) {
    std::string segment;
    return text(index, segment) && charge(segment.size()) &&
           put(message, place, target.insert_segment(place, segment), within);
  }
  Source from;
  if (!source(index, from)) return false;
  const auto& source_message = run_->messages[from.message];
  std::vector<std::string> texts;  // before anything moves: they may be of this same message
  for (auto i = from.range.begin; i < from.range.end; ++i) {
    texts.emplace_back(source_message.segment_text(i));
    if (!charge(texts.back().size())) return false;
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto at = place + i;
    const auto done = from.message == message
                          ? target.insert_segment(at, texts[i])
                          : target.insert_copy(at, source_message, from.range.begin + i);
    if (!put(message, at, done, within)) return false;
  }
  return true;
}

bool Hl7Call::write_values(const SegmentPlace& at, JS::HandleObject values) {
  JS::Rooted<JS::IdVector> keys(context_, JS::IdVector(context_));
  JS::RootedId key(context_);
  JS::RootedValue given(context_);
  JS::RootedString key_text(context_);
  std::string path_text, text_of_value;
  hl7v2::Path path;
  if (!JS_Enumerate(context_, values, &keys)) return false;
  auto& message = run_->messages[at.message];
  for (std::size_t i = 0; i < keys.length(); ++i) {
    key = keys[i];
    if (!JS_IdToValue(context_, key, &given)) return false;
    key_text = JS::ToString(context_, given);
    if (!key_text || !to_bytes(context_, key_text, run_->encoding, path_text) ||
        !path_within(message.segment_name(at.place), path_text, path) ||
        !JS_GetPropertyById(context_, values, key, &given) || !value(given, text_of_value) ||
        !charge(text_of_value.size()))
      return false;
    const auto written = message.set_in(at.place, path, text_of_value);
    if (!written) return fail(written.error().str());
  }
  return true;
}

bool Hl7Call::give_new(std::size_t message, std::size_t place, unsigned values) {
  const SegmentPlace at{message, place};
  if (is_given(values)) {
    if (!args_.get(values).isObject())
      return fail(
          fmt::format("argument {} must be an object of values: {{\"3.1\": \"X\"}}", values + 1));
    JS::RootedObject object(context_, &args_.get(values).toObject());
    if (!write_values(at, object)) return false;
  }
  return give(make_segment(context_, *run_, at));
}

bool Hl7Call::remove(std::size_t message, const hl7v2::SegmentRange& range) {
  for (auto i = range.end; i-- > range.begin;) {
    const auto removed = run_->messages[message].remove_segment(i);
    if (!removed) return fail(removed.error().str());
    run_->segment_removed(message, i);
  }
  return true;
}

bool Hl7Call::give(std::string_view bytes) {
  auto* string = to_string(context_, bytes, run_->encoding);
  return string && give(JS::StringValue(string));
}

bool Hl7Call::give(const JS::Value& value) {
  args_.rval().set(value);
  return true;
}

bool Hl7Call::give(const Status& status) {
  return status ? give(JS::UndefinedValue()) : fail(status.error().str());
}

bool Hl7Call::give(JSObject* object) {
  return object && give(JS::ObjectValue(*object));
}

bool Hl7Call::fail(std::string_view text) {
  return script::fail(context_, fmt::format("{}.{}: {}", object_, method_, text));
}

}  // namespace causeway::script
