// Attributes as scripts see them (ctx.message.attributes) and give them.
#include <fmt/format.h>

#include <js/Conversions.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>

#include "engine/script/interpreter.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

bool read_one(JSContext* context, JS::HandleObject object, JS::HandleId id, std::string_view use,
              Attributes& attributes) {
  JS::RootedValue key(context), value(context);
  Attribute attribute;
  if (!JS_IdToValue(context, id, &key) || !JS_GetPropertyById(context, object, id, &value))
    return false;
  JS::RootedString name(context, JS::ToString(context, key));
  if (!name || !to_bytes(context, name, Encoding::Utf8, attribute.name)) return false;
  if (!value.isString() && !value.isNumber())
    return fail(context, fmt::format("{}: the attribute \"{}\" is {}; give a string or a number",
                                     use, attribute.name, kind_of(value)));
  JS::RootedString text(context, JS::ToString(context, value));
  if (!text || !to_bytes(context, text, Encoding::Utf8, attribute.value)) return false;
  attributes.push_back(std::move(attribute));
  return true;
}

Encoding encoding_of(std::string_view text) {
  return is_utf8(text) ? Encoding::Utf8 : Encoding::BytePerCharacter;
}

bool attach(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = Interpreter::of(context).run();
  if (!run) return fail(context, "ctx.attach: there is no message while modules are loaded");
  if (run->input.role == ScriptRole::Response)
    return fail(context,
                "ctx.attach: nothing goes on from a response script; attributes of the "
                "reply are the second argument of ctx.reply");
  if (run->input.role == ScriptRole::Request)
    return fail(context,
                "ctx.attach: an enrich stage's script makes a request, and changes nothing "
                "of the message");
  args.rval().setUndefined();
  return to_attributes(context, args.get(0), "ctx.attach", run->output.attributes);
}

}  // namespace

const JSFunctionSpec attribute_setters[] = {JS_FN("attach", attach, 1, JSPROP_ENUMERATE),
                                            JS_FS_END};

bool to_attributes(JSContext* context, JS::HandleValue value, std::string_view use,
                   Attributes& attributes) {
  if (value.isUndefined()) return true;
  if (!value.isObject() || JS_ObjectIsFunction(&value.toObject()))
    return fail(context, fmt::format("{}: give attributes as an object {{name: value}}, not {}",
                                     use, kind_of(value)));
  JS::RootedObject object(context, &value.toObject());
  JS::Rooted<JS::IdVector> ids(context, JS::IdVector(context));
  if (!JS_Enumerate(context, object, &ids)) return false;
  if (ids.length() > limits::attributes_max)
    return fail(context, fmt::format("{}: more than {} attributes", use, limits::attributes_max));
  JS::RootedId id(context);
  for (std::size_t i = 0; i < ids.length(); ++i) {
    id = ids[i];
    if (!read_one(context, object, id, use, attributes)) return false;
  }
  return fits(attributes) ||
         fail(context, fmt::format("{}: more than {} attributes, or {} bytes of them", use,
                                   limits::attributes_max, limits::attributes_bytes));
}

JSObject* make_attributes(JSContext* context, const Attributes* attributes) {
  JS::RootedObject object(context, JS_NewPlainObject(context));
  if (!object) return nullptr;
  static const Attributes none;
  for (const auto& [name, value] : attributes ? *attributes : none) {
    JS::RootedString key(context, to_string(context, name, encoding_of(name)));
    JS::RootedString text(context, to_string(context, value, encoding_of(value)));
    JS::RootedId id(context);
    if (!key || !text || !JS_StringToId(context, key, &id) ||
        !JS_DefinePropertyById(context, object, id, text, JSPROP_ENUMERATE))
      return nullptr;
  }
  return JS_FreezeObject(context, object) ? object.get() : nullptr;
}

}  // namespace causeway::script
