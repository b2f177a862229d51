// Content: from bytes to what a script works on, and back.
#include <fmt/format.h>

#include <js/ArrayBuffer.h>
#include <js/Object.h>
#include <js/experimental/TypedData.h>

#include "engine/script/handles.h"
#include "engine/script/interpreter.h"
#include "engine/script/json.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

constexpr ContentType content_types[] = {
    ContentType::Binary, ContentType::Hl7v2, ContentType::Text, ContentType::Json,
    ContentType::Xml,    ContentType::Dicom, ContentType::X12,  ContentType::Csv};

/// A string is HL7 v2 if it says so where HL7 v2 came; else it is what came, if that was a string
/// too; else text.
ContentType type_of_text(const CurrentRun& run, std::string_view bytes) {
  auto came = run.input.content.type;
  if (came == ContentType::Hl7v2)
    return bytes.starts_with("MSH") ? ContentType::Hl7v2 : ContentType::Text;
  return came == ContentType::Json || came == ContentType::Xml ? ContentType::Text : came;
}

bool text_content(JSContext* context, CurrentRun& run, JS::HandleValue value,
                  ScriptContent& content) {
  JS::RootedString string(context, value.toString());
  if (JS::GetStringLength(string) > run.limits.output_bytes)
    return charge(context, run, run.limits.output_bytes + 1);
  std::string bytes;
  if (!to_bytes(context, string, run.encoding, bytes)) return false;
  content.type = type_of_text(run, bytes);
  content.bytes = make_bytes(std::move(bytes));
  return charge(context, run, content.bytes->size());
}

/// A type given by its name; `absent` if it is not given.
bool type_argument(JSContext* context, JS::HandleValue value, std::string_view use,
                   ContentType absent, ContentType& type) {
  type = absent;
  if (value.isUndefined()) return true;
  std::string name;
  if (value.isString()) {
    JS::RootedString string(context, value.toString());
    if (!to_bytes(context, string, Encoding::Utf8, name)) return false;
  }
  std::vector<std::string_view> known;
  for (auto one : content_types) {
    if (to_string(one) == name) {
      type = one;
      return true;
    }
    known.push_back(to_string(one));
  }
  return fail(context, fmt::format("{}: the type is one of {}", use, fmt::join(known, ", ")));
}

bool give_content(JSContext* context, CurrentRun& run, ScriptContent content,
                  const JS::CallArgs& args) {
  if (!charge(context, run, content.bytes->size())) return false;
  run.contents.push_back(std::move(content));
  auto* object = make_handle(context, HandleKind::Content, run.contents.size() - 1);
  if (!object) return false;
  args.rval().setObject(*object);
  return true;
}

bool text(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = run_of(context, "ctx.text");
  if (!run) return false;
  if (!args.get(0).isString())
    return fail(context, fmt::format("ctx.text: give a string, not {}", kind_of(args.get(0))));
  ScriptContent content;
  JS::RootedString string(context, args[0].toString());
  std::string bytes;
  if (!type_argument(context, args.get(1), "ctx.text", ContentType::Text, content.type) ||
      !to_bytes(context, string, run->encoding, bytes))
    return false;
  content.bytes = make_bytes(std::move(bytes));
  return give_content(context, *run, std::move(content), args);
}

bool bytes(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = run_of(context, "ctx.bytes");
  if (!run) return false;
  JS::RootedObject array(context, args.get(0).isObject() ? &args[0].toObject() : nullptr);
  if (!array || !JS_IsUint8Array(array))
    return fail(context, fmt::format("ctx.bytes: give a Uint8Array, not {}", kind_of(args.get(0))));
  ScriptContent content;
  if (!type_argument(context, args.get(1), "ctx.bytes", ContentType::Binary, content.type))
    return false;
  std::size_t length = JS_GetTypedArrayLength(array);
  if (length > run->limits.output_bytes) return charge(context, *run, length);
  {
    JS::AutoCheckCannotGC no_gc;
    bool shared = false;
    const auto* data = JS_GetUint8ArrayData(array, &shared, no_gc);
    content.bytes = make_bytes(std::string(reinterpret_cast<const char*>(data), length));
  }
  return give_content(context, *run, std::move(content), args);
}

bool json(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = run_of(context, "ctx.json");
  std::string text;
  if (!run || !write_json(context, *run, args.get(0), text)) return false;
  return give_content(context, *run, {ContentType::Json, make_bytes(std::move(text))}, args);
}

bool type_property(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  std::size_t index = 0;
  if (!is_handle(args.thisv(), HandleKind::Content))
    return fail(context, "type: it is not asked of a content");
  if (!handle_index(context, args.thisv(), index)) return false;
  auto name = to_string(Interpreter::of(context).run()->contents[index].type);
  auto* string = JS_NewStringCopyN(context, name.data(), name.size());
  if (string) args.rval().setString(string);
  return string != nullptr;
}

const JSFunctionSpec content_methods[] = {JS_FS_END};
const JSPropertySpec content_properties[] = {JS_PSG("type", type_property, JSPROP_ENUMERATE),
                                             JS_PS_END};

bool is_input(JSContext* context, JS::HandleValue value) {
  return value.isObject() && input_of(context) == value.get();
}

}  // namespace

const JSFunctionSpec content_makers[] = {JS_FN("json", json, 1, JSPROP_ENUMERATE),
                                         JS_FN("text", text, 2, JSPROP_ENUMERATE),
                                         JS_FN("bytes", bytes, 2, JSPROP_ENUMERATE), JS_FS_END};

bool define_content(JSContext* context) {
  return define_handle(context, HandleKind::Content, content_methods, content_properties);
}

bool charge(JSContext* context, CurrentRun& run, std::size_t bytes) {
  if (run.charge(bytes)) return true;
  return Interpreter::of(context).stop(
      fmt::format("it writes more than {} MiB", run.limits.output_bytes / (1024 * 1024)));
}

bool make_input(JSContext* context, CurrentRun& run, JS::MutableHandleValue input) {
  if (run.input.content.type == ContentType::Hl7v2) {
    auto* object = make_handle(context, HandleKind::Message, 0);
    if (object) input.setObject(*object);
    return object != nullptr;
  }
  if (!run.data_sets.empty()) {
    auto* object = make_data_set(context, run, 0);
    if (object) input.setObject(*object);
    return object != nullptr;
  }
  return make_content_object(context, run, run.input.content, input);
}

bool make_content_object(JSContext* context, CurrentRun& run, const ScriptContent& content,
                         JS::MutableHandleValue object) {
  auto view = content.bytes ? std::string_view(*content.bytes) : std::string_view();
  if (content.type == ContentType::Json) return parse_json(context, run, view, object);
  if (content.type == ContentType::Xml) return parse_xml(context, run, view, object);
  auto* string = to_string(context, view, run.encoding);
  if (string) object.setString(string);
  return string != nullptr;
}

namespace {

/// JSON is written anew only if it says something else than what came.
bool json_content(JSContext* context, CurrentRun& run, JS::HandleValue value,
                  ScriptContent& content) {
  std::string text, as_it_came;
  if (!write_json(context, run, value, text)) return false;
  if (text == *run.input.content.bytes) return true;
  JS::RootedValue came(context);
  if (!parse_json(context, run, *run.input.content.bytes, &came) ||
      !write_json(context, run, came, as_it_came))
    return false;
  if (text != as_it_came) content.bytes = make_bytes(std::move(text));
  return true;
}

}  // namespace

bool input_content(JSContext* context, CurrentRun& run, ScriptContent& content) {
  content = run.input.content;
  if (content.type == ContentType::Hl7v2) content.bytes = run.messages.front().bytes();
  if (!run.data_sets.empty()) return data_set_content(context, run, {}, content);
  if (content.type == ContentType::Xml && run.xml_documents.front().edited())
    content.bytes = make_bytes(run.xml_documents.front().write());
  if (content.type == ContentType::Json) {
    JS::RootedValue input(context, input_of(context));
    if (!json_content(context, run, input, content)) return false;
  }
  return content.bytes == run.input.content.bytes || charge(context, run, content.bytes->size());
}

bool to_content(JSContext* context, CurrentRun& run, JS::HandleValue value, std::string_view use,
                ScriptContent& content) {
  if (is_input(context, value)) return input_content(context, run, content);
  if (value.isString()) return text_content(context, run, value, content);
  std::size_t index = 0;
  if (is_handle(value, HandleKind::Message)) {
    if (!handle_index(context, value, index)) return false;
    content = {ContentType::Hl7v2, run.messages[index].bytes()};
    return charge(context, run, content.bytes->size());
  }
  if (is_handle(value, HandleKind::Content)) {
    if (!handle_index(context, value, index)) return false;
    content = run.contents[index];
    return true;
  }
  if (is_handle(value, HandleKind::DataSet))
    return handle_index(context, value, index) &&
           data_set_content(context, run, run.dicom_places[index], content);
  if (is_handle(value, HandleKind::Xml))
    return handle_index(context, value, index) &&
           xml_content(context, run, run.xml_nodes[index], content);
  if (run.input.content.type == ContentType::Json && value.isObject() &&
      !JS_ObjectIsFunction(&value.toObject())) {
    std::string text;
    if (!write_json(context, run, value, text)) return false;
    content = {ContentType::Json, make_bytes(std::move(text))};
    return charge(context, run, content.bytes->size());
  }
  return fail(context, fmt::format("{} {}; give msg, a string, or what ctx.json, ctx.text and the "
                                   "like make",
                                   use, kind_of(value)));
}

}  // namespace causeway::script
