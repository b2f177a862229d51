#include "engine/script/json.h"

#include <js/Array.h>
#include <js/CallAndConstruct.h>
#include <js/Conversions.h>
#include <js/JSON.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>
#include <js/Symbol.h>

#include "engine/script/handles.h"
#include "engine/script/interpreter.h"
#include "engine/script/json_numbers.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

constexpr JSClass exact_class{
    "ExactNumber", JSCLASS_HAS_RESERVED_SLOTS(1), nullptr, nullptr, nullptr, nullptr};

/// Where an object notes how its numbers were written: {name: text}, under a symbol, so that it is
/// carried along when the object is spread, and is not seen otherwise.
JS::Symbol* notes_symbol(JSContext* context) {
  JS::RootedString name(context, JS_NewStringCopyZ(context, "causeway.numbers"));
  return name ? JS::GetSymbolFor(context, name) : nullptr;
}

bool exact_of_this(JSContext* context, const JS::CallArgs& args, JS::MutableHandleString text) {
  text.set(exact_number_text(args.thisv()));
  return text || fail(context, "it is not called on an exact number");
}

bool exact_to_string(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  JS::RootedString text(context);
  if (!exact_of_this(context, args, &text)) return false;
  args.rval().setString(text);
  return true;
}

bool exact_value_of(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  JS::RootedString text(context);
  if (!exact_of_this(context, args, &text)) return false;
  JS::RootedValue value(context, JS::StringValue(text));
  double number = 0;
  if (!JS::ToNumber(context, value, &number)) return false;
  args.rval().setNumber(number);
  return true;
}

const JSFunctionSpec exact_methods[] = {JS_FN("toString", exact_to_string, 0, 0),
                                        JS_FN("toJSON", exact_to_string, 0, 0),
                                        JS_FN("valueOf", exact_value_of, 0, 0), JS_FS_END};

JSObject* make_exact(JSContext* context, std::string_view text) {
  JS::RootedString string(context, JS_NewStringCopyN(context, text.data(), text.size()));
  JS::RootedObject prototype(context, exact_prototype_of(context));
  if (!string || !prototype) return nullptr;
  JS::RootedObject object(context, JS_NewObjectWithGivenProto(context, &exact_class, prototype));
  if (!object) return nullptr;
  JS::SetReservedSlot(object, 0, JS::StringValue(string));
  return JS_FreezeObject(context, object) ? object.get() : nullptr;
}

/// Puts the unusual numbers of a text into the value that it was parsed to.
class Restoring {
 public:
  Restoring(JSContext* context, JS::MutableHandleValue root)
      : context_(context), root_(root), symbol_(context, notes_symbol(context)) {}

  bool restore(const JsonNumber& number) {
    JS::RootedValue holder(context_, root_), value(context_, root_);
    JS::RootedId id(context_);
    for (const auto& step : number.path) {
      holder = value;
      if (!holder.isObject()) return true;  // overwritten by a key that comes twice
      if (!id_of(step, &id)) return false;
      JS::RootedObject object(context_, &holder.toObject());
      if (!JS_GetPropertyById(context_, object, id, &value)) return false;
    }
    if (!value.isNumber()) return true;
    bool held = same_value(printed(value.toNumber()), number.text);
    if (number.path.empty()) return held || replace_root(number.text);
    JS::RootedObject object(context_, &holder.toObject());
    return held ? note(object, id, number.text) : replace(object, id, number.text);
  }

 private:
  bool id_of(const JsonStep& step, JS::MutableHandleId id) {
    if (const auto* place = std::get_if<std::size_t>(&step))
      return JS_IndexToId(context_, static_cast<std::uint32_t>(*place), id);
    auto quoted = '"' + std::string(std::get<std::string_view>(step)) + '"';
    JS::RootedString text(context_, to_string(context_, quoted, Encoding::Utf8));
    JS::RootedValue key(context_);
    return text && JS_ParseJSON(context_, text, &key) && JS_ValueToId(context_, key, id);
  }

  bool replace_root(std::string_view text) {
    auto* exact = make_exact(context_, text);
    if (exact) root_.setObject(*exact);
    return exact != nullptr;
  }

  bool replace(JS::HandleObject object, JS::HandleId id, std::string_view text) {
    JS::RootedObject exact(context_, make_exact(context_, text));
    return exact && JS_DefinePropertyById(context_, object, id, exact, JSPROP_ENUMERATE);
  }

  bool note(JS::HandleObject object, JS::HandleId id, std::string_view text) {
    if (!symbol_) return false;
    JS::RootedId key(context_, JS::PropertyKey::Symbol(symbol_));
    JS::RootedValue notes(context_);
    if (!JS_GetPropertyById(context_, object, key, &notes)) return false;
    if (!notes.isObject()) {
      auto* made = JS_NewObjectWithGivenProto(context_, nullptr, nullptr);
      if (!made) return false;
      notes.setObject(*made);
      if (!JS_DefinePropertyById(context_, object, key, notes, JSPROP_ENUMERATE)) return false;
    }
    JS::RootedObject names(context_, &notes.toObject());
    JS::RootedString string(context_, JS_NewStringCopyN(context_, text.data(), text.size()));
    return string && JS_DefinePropertyById(context_, names, id, string, JSPROP_ENUMERATE);
  }

  JSContext* context_;
  JS::MutableHandleValue root_;
  JS::RootedSymbol symbol_;
};

}  // namespace

bool define_exact_numbers(JSContext* context) {
  JS::RootedObject prototype(context, JS_NewPlainObject(context));
  if (!prototype || !JS_DefineFunctions(context, prototype, exact_methods) ||
      !JS_FreezeObject(context, prototype))
    return false;
  set_exact_prototype(context, prototype);
  return true;
}

JSString* exact_number_text(JS::HandleValue value) {
  if (!value.isObject() || JS::GetClass(&value.toObject()) != &exact_class) return nullptr;
  return JS::GetReservedSlot(&value.toObject(), 0).toString();
}

bool parse_json(JSContext* context, CurrentRun& run, std::string_view text,
                JS::MutableHandleValue value) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!is_utf8(text)) return fail(context, "JSON that is not UTF-8");
  auto numbers = unusual_numbers(text, json_depth_max);
  if (!numbers) return fail(context, numbers.error().text);
  JS::RootedString string(context, to_string(context, text, Encoding::Utf8));
  if (!string || !JS_ParseJSON(context, string, value)) return false;
  if (numbers->empty()) return true;
  run.unusual_numbers = true;
  Restoring restoring(context, value);
  return std::all_of(numbers->begin(), numbers->end(),
                     [&](const auto& number) { return restoring.restore(number); });
}

}  // namespace causeway::script
