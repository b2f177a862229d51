// DICOM data sets in scripts: `msg` where it is a DICOM file, and the items of its sequences. See
// engine/formats/dicom/data_set.h.
#include <fmt/format.h>
#include <jsfriendapi.h>

#include <js/Array.h>
#include <js/ArrayBuffer.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>
#include <js/experimental/TypedData.h>

#include <cstring>

#include "engine/formats/dicom/dictionary.h"
#include "engine/script/handles.h"
#include "engine/script/interpreter.h"
#include "engine/script/json.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

/// What an item takes, about: counted like bytes written, so that trees are bounded too.
constexpr std::size_t item_bytes = 128;
constexpr std::size_t dicom_items_max = 200'000;  ///< Of one run, handed to the script.
constexpr std::size_t data_sets_max = 1000;

JSObject* make_item(JSContext* context, CurrentRun& run, DicomPlace place) {
  if (run.dicom_places.size() == dicom_items_max) {
    Interpreter::of(context).stop("it asks for too many items of DICOM sequences");
    return nullptr;
  }
  run.dicom_places.push_back(place);
  return make_handle(context, HandleKind::DataSet, run.dicom_places.size() - 1);
}

/// One call of a method: its arguments checked, its failures named after it.
class DicomCall {
 public:
  DicomCall(JSContext* context, const JS::CallArgs& args, std::string_view method)
      : context_(context), args_(args), method_(method), run_(Interpreter::of(context).run()) {}

  bool has_item() {
    std::size_t index = 0;
    if (!is_handle(args_.thisv(), HandleKind::DataSet))
      return fail("it is not called on a data set");
    if (!handle_index(context_, args_.thisv(), index)) return false;
    place_ = run_->dicom_places[index];
    return true;
  }

  dicom::DataSet& set() { return run_->data_sets[place_.data_set]; }
  dicom::ItemNumber item() const { return place_.item; }
  bool given(unsigned index) const { return !args_.get(index).isUndefined(); }

  bool path(dicom::Path& out) {
    std::string given_path;
    if (!args_.get(0).isString()) return fail("give a keyword, tag or path, as a string");
    JS::RootedString string(context_, args_.get(0).toString());
    if (!to_bytes(context_, string, Encoding::Utf8, given_path)) return false;
    auto parsed = dicom::parse_path(given_path);
    if (!parsed) return fail(parsed.error().str());
    out = std::move(*parsed);
    return true;
  }

  bool kind(unsigned index, std::optional<dicom::Vr>& out) {
    if (!given(index)) return true;
    std::string letters;
    if (!args_.get(index).isString()) return fail("the kind is two letters, as \"LO\"");
    JS::RootedString string(context_, args_.get(index).toString());
    if (!to_bytes(context_, string, Encoding::Utf8, letters)) return false;
    if (letters.size() != 2) return fail("the kind is two letters, as \"LO\"");
    out = dicom::Vr{letters[0], letters[1]};
    return true;
  }

  /// A value or a list of them.
  bool values(unsigned index, std::vector<dicom::Value>& out) {
    JS::RootedValue given_value(context_, args_.get(index));
    bool is_list = false;
    if (!JS::IsArrayObject(context_, given_value, &is_list)) return false;
    if (!is_list) return value(given_value, out);
    JS::RootedObject list(context_, &given_value.toObject());
    std::uint32_t length = 0;
    if (!JS::GetArrayLength(context_, list, &length)) return false;
    JS::RootedValue element(context_);
    for (std::uint32_t i = 0; i < length; ++i)
      if (!JS_GetElement(context_, list, i, &element) || !value(element, out)) return false;
    return true;
  }

  bool bytes(unsigned index, std::string& out) {
    JS::RootedObject array(context_,
                           args_.get(index).isObject() ? &args_.get(index).toObject() : nullptr);
    if (!array || !JS_IsUint8Array(array)) return fail("give a Uint8Array");
    const auto length = JS_GetTypedArrayLength(array);
    if (!charge(context_, *run_, length)) return false;
    JS::AutoCheckCannotGC no_gc;
    bool shared = false;
    const auto* data = JS_GetUint8ArrayData(array, &shared, no_gc);
    out.assign(reinterpret_cast<const char*>(data), length);
    return true;
  }

  bool give(const JS::Value& value) {
    args_.rval().set(value);
    return true;
  }
  bool give(const Status& status) {
    return status ? give(JS::UndefinedValue()) : fail(status.error().str());
  }
  bool give_text(std::string_view text) {
    auto* string = to_string(context_, text, Encoding::Utf8);
    return string && give(JS::StringValue(string));
  }
  bool give_bytes(const std::string& bytes) {
    JS::RootedObject array(context_, JS_NewUint8Array(context_, bytes.size()));
    if (!array || !charge(context_, *run_, bytes.size())) return false;
    JS::AutoCheckCannotGC no_gc;
    bool shared = false;
    std::memcpy(JS_GetUint8ArrayData(array, &shared, no_gc), bytes.data(), bytes.size());
    return give(JS::ObjectValue(*array));
  }
  bool give_item(dicom::ItemNumber number) {
    auto* object = make_item(context_, *run_, {place_.data_set, number});
    return object && give(JS::ObjectValue(*object));
  }
  bool give_items(const std::vector<dicom::ItemNumber>& numbers) {
    return give_list(numbers.size(), [&](std::size_t i, JS::MutableHandleValue out) {
      auto* object = make_item(context_, *run_, {place_.data_set, numbers[i]});
      if (object) out.setObject(*object);
      return object != nullptr;
    });
  }
  bool give_values(const std::vector<dicom::Value>& all) {
    return give_list(all.size(),
                     [&](std::size_t i, JS::MutableHandleValue out) { return to_js(all[i], out); });
  }
  bool give_texts(const std::vector<std::string>& all) {
    return give_list(all.size(),
                     [&](std::size_t i, JS::MutableHandleValue out) { return to_js(all[i], out); });
  }
  /// As a property: a sequence as its items; text whole, with a backslash between values; one
  /// number, or several as a list.
  bool give_element(const dicom::Path& path);
  bool put_element(const dicom::Path& path, unsigned value_at);

  bool charge_item() { return charge(context_, *run_, item_bytes); }
  bool copy();

  bool fail(std::string_view text) {
    return script::fail(context_, fmt::format("dicom.{}: {}", method_, text));
  }

 private:
  template <class Make>
  bool give_list(std::size_t size, Make make) {
    JS::RootedObject array(context_, JS::NewArrayObject(context_, size));
    JS::RootedValue element(context_);
    if (!array) return false;
    for (std::size_t i = 0; i < size; ++i)
      if (!make(i, &element) || !JS_DefineElement(context_, array, static_cast<std::uint32_t>(i),
                                                  element, JSPROP_ENUMERATE))
        return false;
    return give(JS::ObjectValue(*array));
  }

  bool to_js(const dicom::Value& value, JS::MutableHandleValue out) {
    if (const auto* number = std::get_if<double>(&value)) {
      out.setNumber(*number);
      return true;
    }
    auto* string = to_string(context_, std::get<std::string>(value), Encoding::Utf8);
    if (string) out.setString(string);
    return string != nullptr;
  }

  bool value(JS::HandleValue given_value, std::vector<dicom::Value>& out) {
    if (given_value.isNumber()) {
      out.emplace_back(given_value.toNumber());
      return true;
    }
    JS::RootedString string(context_, exact_number_text(given_value));
    if (!string && !given_value.isString())
      return fail(fmt::format("a value is a string or a number, not {}", kind_of(given_value)));
    if (!string) string = given_value.toString();
    std::string text;
    if (!to_bytes(context_, string, Encoding::Utf8, text) || !charge(context_, *run_, text.size()))
      return false;
    out.emplace_back(std::move(text));
    return true;
  }

  JSContext* context_;
  const JS::CallArgs& args_;
  std::string_view method_;
  CurrentRun* run_;
  DicomPlace place_;
};

bool DicomCall::give_element(const dicom::Path& path) {
  const auto kind = set().kind(item(), path);
  if (path.steps.back().item >= 0) {
    const auto items = set().items(item(), path);
    if (!items) return fail(items.error().str());
    const auto at = static_cast<std::size_t>(path.steps.back().item);
    return at < items->size() ? give_item((*items)[at]) : give(JS::UndefinedValue());
  }
  if (!kind) return give(JS::UndefinedValue());
  if (*kind == dicom::vr("SQ")) {
    const auto items = set().items(item(), path);
    return items ? give_items(*items) : fail(items.error().str());
  }
  const auto values = set().values(item(), path);
  if (!values) return fail(values.error().str());
  if (dicom::is_text(*kind)) {
    std::string text;
    for (std::size_t i = 0; i < values->size(); ++i)
      text.append(i > 0 ? "\\" : "").append(dicom::to_text((*values)[i]));
    return give_text(text);
  }
  if (values->empty()) return give(JS::UndefinedValue());
  if (values->size() > 1) return give_values(*values);
  JS::RootedValue value(context_);
  return to_js(values->front(), &value) && give(value);
}

bool DicomCall::put_element(const dicom::Path& path, unsigned value_at) {
  if (args_.get(value_at).isNullOrUndefined()) {
    const auto removed = set().remove(item(), path);
    return removed ? give(JS::UndefinedValue()) : fail(removed.error().str());
  }
  std::vector<dicom::Value> given_values;
  std::optional<dicom::Vr> given_kind;
  return values(value_at, given_values) && kind(value_at + 1, given_kind) && charge_item() &&
         give(set().set(item(), path, given_values, given_kind));
}

bool DicomCall::copy() {
  if (item() != dicom::whole_data_set) return fail("an item can't be copied by itself");
  if (run_->data_sets.size() == data_sets_max) return fail("too many copies");
  auto bytes = set().write();
  if (!bytes) return fail(bytes.error().str());
  if (!charge(context_, *run_, (*bytes)->size())) return false;
  auto parsed = dicom::DataSet::parse(*bytes, dicom::DataSet::Extent::Whole);
  if (!parsed) return fail(parsed.error().str());
  run_->data_sets.push_back(std::move(*parsed));
  auto* object = make_item(context_, *run_, {run_->data_sets.size() - 1, dicom::whole_data_set});
  return object && give(JS::ObjectValue(*object));
}

bool get(DicomCall& call) {
  dicom::Path path;
  return call.path(path) && call.give_element(path);
}

bool set(DicomCall& call) {
  dicom::Path path;
  return call.path(path) && call.put_element(path, 1);
}

bool has(DicomCall& call) {
  dicom::Path path;
  return call.path(path) && call.give(JS::BooleanValue(call.set().has(call.item(), path)));
}

bool values(DicomCall& call) {
  dicom::Path path;
  if (!call.path(path)) return false;
  const auto all = call.set().values(call.item(), path);
  return all ? call.give_values(*all) : call.fail(all.error().str());
}

bool items(DicomCall& call) {
  dicom::Path path;
  if (!call.path(path)) return false;
  const auto all = call.set().items(call.item(), path);
  return all ? call.give_items(*all) : call.fail(all.error().str());
}

bool append(DicomCall& call) {
  dicom::Path path;
  if (!call.path(path) || !call.charge_item()) return false;
  const auto made = call.set().append_item(call.item(), path);
  return made ? call.give_item(*made) : call.fail(made.error().str());
}

bool remove(DicomCall& call) {
  dicom::Path path;
  if (!call.path(path)) return false;
  const auto removed = call.set().remove(call.item(), path);
  return removed ? call.give(JS::BooleanValue(*removed)) : call.fail(removed.error().str());
}

bool kind(DicomCall& call) {
  dicom::Path path;
  if (!call.path(path)) return false;
  const auto found = call.set().kind(call.item(), path);
  return found ? call.give_text(dicom::to_string(*found)) : call.give(JS::UndefinedValue());
}

bool bytes(DicomCall& call) {
  dicom::Path path;
  if (!call.path(path)) return false;
  const auto found = call.set().bytes(call.item(), path);
  if (!found) return call.fail(found.error().str());
  return *found ? call.give_bytes(**found) : call.give(JS::UndefinedValue());
}

bool set_bytes(DicomCall& call) {
  dicom::Path path;
  std::string content;
  std::optional<dicom::Vr> given_kind;
  return call.path(path) && call.bytes(1, content) && call.kind(2, given_kind) &&
         call.give(call.set().set_bytes(call.item(), path, std::move(content), given_kind));
}

bool tags(DicomCall& call) {
  std::vector<std::string> all;
  for (const auto tag : call.set().tags(call.item())) all.push_back(dicom::digits_of(tag));
  return call.give_texts(all);
}

bool copy(DicomCall& call) {
  return call.copy();
}

template <bool (*method)(DicomCall&), const char* name>
bool native(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  DicomCall call(context, args, name);
  return call.has_item() && method(call);
}

constexpr char name_of_get[] = "get", name_of_set[] = "set", name_of_has[] = "has",
               name_of_values[] = "values", name_of_items[] = "items", name_of_append[] = "append",
               name_of_remove[] = "remove", name_of_kind[] = "kind", name_of_bytes[] = "bytes",
               name_of_set_bytes[] = "setBytes", name_of_tags[] = "tags", name_of_copy[] = "copy";

const JSFunctionSpec methods[] = {
    JS_FN("get", (native<get, name_of_get>), 1, JSPROP_ENUMERATE),
    JS_FN("set", (native<set, name_of_set>), 2, JSPROP_ENUMERATE),
    JS_FN("has", (native<has, name_of_has>), 1, JSPROP_ENUMERATE),
    JS_FN("values", (native<values, name_of_values>), 1, JSPROP_ENUMERATE),
    JS_FN("items", (native<items, name_of_items>), 1, JSPROP_ENUMERATE),
    JS_FN("append", (native<append, name_of_append>), 1, JSPROP_ENUMERATE),
    JS_FN("remove", (native<remove, name_of_remove>), 1, JSPROP_ENUMERATE),
    JS_FN("kind", (native<kind, name_of_kind>), 1, JSPROP_ENUMERATE),
    JS_FN("bytes", (native<bytes, name_of_bytes>), 1, JSPROP_ENUMERATE),
    JS_FN("setBytes", (native<set_bytes, name_of_set_bytes>), 2, JSPROP_ENUMERATE),
    JS_FN("tags", (native<tags, name_of_tags>), 0, JSPROP_ENUMERATE),
    JS_FN("copy", (native<copy, name_of_copy>), 0, JSPROP_ENUMERATE),
    JS_FS_END};

// ---- Elements as properties, by keyword. There are thousands, so each is made when it is asked
// for, on the object at hand, which lives for one run.

thread_local bool making_property = false;

dicom::Path path_of_property(const JS::CallArgs& args) {
  const auto tag = js::GetFunctionNativeReserved(&args.callee(), 0).toNumber();
  return {{{static_cast<dicom::Tag>(tag)}}};
}

bool read_property(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  const auto path = path_of_property(args);
  DicomCall call(context, args, dicom::keyword_of(path.steps.front().tag));
  return call.has_item() && call.give_element(path);
}

bool write_property(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  const auto path = path_of_property(args);
  DicomCall call(context, args, dicom::keyword_of(path.steps.front().tag));
  return call.has_item() && call.put_element(path, 0);
}

JSObject* accessor(JSContext* context, JSNative function, unsigned args, dicom::Tag tag) {
  auto* made = js::NewFunctionWithReserved(context, function, args, 0, nullptr);
  if (!made) return nullptr;
  auto* object = JS_GetFunctionObject(made);
  js::SetFunctionNativeReserved(object, 0, JS::NumberValue(tag));
  return object;
}

std::optional<dicom::Tag> tag_of(JSContext* context, JS::HandleId id) {
  std::string name;
  if (!id.isString()) return std::nullopt;
  JS::RootedString string(context, id.toString());
  if (!to_bytes(context, string, Encoding::Utf8, name)) return std::nullopt;
  return dicom::tag_named(name);
}

bool resolve(JSContext* context, JS::HandleObject object, JS::HandleId id, bool* resolved) {
  *resolved = false;
  const auto tag = tag_of(context, id);
  if (!tag) return !JS_IsExceptionPending(context);
  JS::RootedObject getter(context, accessor(context, read_property, 0, *tag));
  JS::RootedObject setter(context, accessor(context, write_property, 1, *tag));
  if (!getter || !setter) return false;
  making_property = true;
  const bool made = JS_DefinePropertyById(context, object, id, getter, setter, JSPROP_ENUMERATE);
  making_property = false;
  *resolved = made;
  return made;
}

/// A misspelt keyword would otherwise be written to nowhere.
bool add_property(JSContext* context, JS::HandleObject, JS::HandleId, JS::HandleValue) {
  return making_property || fail(context, "dicom: there is no such keyword to write to");
}

}  // namespace

const JSClassOps data_set_ops = {add_property, nullptr, nullptr, nullptr, resolve,
                                 nullptr,      nullptr, nullptr, nullptr, nullptr};

bool define_data_set(JSContext* context) {
  return define_handle(context, HandleKind::DataSet, methods);
}

JSObject* make_data_set(JSContext* context, CurrentRun& run, std::size_t data_set) {
  return make_item(context, run, {data_set, dicom::whole_data_set});
}

bool data_set_content(JSContext* context, CurrentRun& run, const DicomPlace& place,
                      ScriptContent& content) {
  if (place.item != dicom::whole_data_set)
    return fail(context, "dicom: an item of a sequence is no content by itself");
  auto bytes = run.data_sets[place.data_set].write();
  if (!bytes) return fail(context, "dicom: " + bytes.error().str());
  content = {ContentType::Dicom, std::move(*bytes)};
  return content.bytes == run.input.content.bytes || charge(context, run, content.bytes->size());
}

}  // namespace causeway::script
