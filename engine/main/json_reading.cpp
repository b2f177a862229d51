#include "engine/main/json_reading.h"

namespace causeway {

std::string text_in(const config::Value& object, std::string_view name) {
  const auto* value = object.find(name);
  return value && value->string() ? *value->string() : std::string();
}

std::int64_t number_in(const config::Value& object, std::string_view name) {
  const auto* value = object.find(name);
  return value && value->integer() ? *value->integer() : 0;
}

bool flag_in(const config::Value& object, std::string_view name) {
  const auto* value = object.find(name);
  return value && value->boolean() && *value->boolean();
}

const config::Value::List& items_in(const config::Value& object, std::string_view name) {
  static const config::Value::List none;
  const auto* value = object.find(name);
  return value && value->list() ? *value->list() : none;
}

}  // namespace causeway
