#include "engine/script/handles.h"

#include <js/Object.h>

#include "engine/core/check.h"
#include "engine/script/interpreter.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

constexpr std::uint32_t run_slot = 0, index_slot = 1;
constexpr std::uint32_t handle_flags = JSCLASS_HAS_RESERVED_SLOTS(2);

constexpr JSClass classes[] = {
    {"Message", handle_flags, nullptr, nullptr, nullptr, nullptr},
    {"Segment", handle_flags, nullptr, nullptr, nullptr, nullptr},
    {"Group", handle_flags, nullptr, nullptr, nullptr, nullptr},
    {"Content", handle_flags, nullptr, nullptr, nullptr, nullptr},
    {"Table", handle_flags, nullptr, nullptr, nullptr, nullptr},
    {"XmlNode", handle_flags, nullptr, nullptr, nullptr, nullptr},
    {"DataSet", handle_flags, &data_set_ops, nullptr, nullptr, nullptr},
};
static_assert(std::size(classes) == handle_kinds);

// Slots of a realm's global object: the prototypes by kind, then these.
constexpr std::uint32_t input_slot = handle_kinds;
constexpr std::uint32_t exact_slot = handle_kinds + 1;
static_assert(exact_slot < realm_slots);

const JS::Value& realm_slot(JSContext* context, std::uint32_t slot) {
  return JS::GetReservedSlot(JS::CurrentGlobalOrNull(context), JSCLASS_GLOBAL_SLOT_COUNT + slot);
}

void set_realm_slot(JSContext* context, std::uint32_t slot, const JS::Value& value) {
  JS::SetReservedSlot(JS::CurrentGlobalOrNull(context), JSCLASS_GLOBAL_SLOT_COUNT + slot, value);
}

/// Tables outlive runs: they are the revision's.
std::int32_t owner_of(JSContext* context, HandleKind kind) {
  return kind == HandleKind::Table ? 0 : Interpreter::of(context).run_number();
}

const JSClass& class_of(HandleKind kind) {
  return classes[static_cast<std::size_t>(kind)];
}

}  // namespace

bool define_handle(JSContext* context, HandleKind kind, const JSFunctionSpec* methods,
                   const JSPropertySpec* properties) {
  JS::RootedObject prototype(context, JS_NewPlainObject(context));
  if (!prototype || !JS_DefineFunctions(context, prototype, methods)) return false;
  if (properties && !JS_DefineProperties(context, prototype, properties)) return false;
  if (!JS_FreezeObject(context, prototype)) return false;
  set_realm_slot(context, static_cast<std::uint32_t>(kind), JS::ObjectValue(*prototype));
  return true;
}

JSObject* make_handle(JSContext* context, HandleKind kind, std::size_t index) {
  const auto& prototype = realm_slot(context, static_cast<std::uint32_t>(kind));
  JS::RootedObject proto(context, &prototype.toObject());
  auto* object = JS_NewObjectWithGivenProto(context, &class_of(kind), proto);
  if (!object) return nullptr;
  JS::SetReservedSlot(object, run_slot, JS::Int32Value(owner_of(context, kind)));
  JS::SetReservedSlot(object, index_slot, JS::Int32Value(static_cast<std::int32_t>(index)));
  return object;
}

bool is_handle(JS::HandleValue value, HandleKind kind) {
  return value.isObject() && JS::GetClass(&value.toObject()) == &class_of(kind);
}

bool handle_index(JSContext* context, JS::HandleValue value, std::size_t& index) {
  auto* object = &value.toObject();
  auto kind = static_cast<HandleKind>(JS::GetClass(object) - classes);
  if (JS::GetReservedSlot(object, run_slot).toInt32() != owner_of(context, kind))
    return fail(context, std::string("this ") + class_of(kind).name +
                             " is of an earlier run: nothing may be kept from run to run");
  index = static_cast<std::size_t>(JS::GetReservedSlot(object, index_slot).toInt32());
  return true;
}

void set_input(JSContext* context, JS::HandleValue input) {
  set_realm_slot(context, input_slot, input);
}

JS::Value input_of(JSContext* context) {
  return realm_slot(context, input_slot);
}

void set_exact_prototype(JSContext* context, JS::HandleObject prototype) {
  set_realm_slot(context, exact_slot, JS::ObjectValue(*prototype));
}

JSObject* exact_prototype_of(JSContext* context) {
  return &realm_slot(context, exact_slot).toObject();
}

}  // namespace causeway::script
