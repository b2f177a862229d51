#include "engine/config/value.h"

namespace causeway::config {

const Value* Value::find(std::string_view key) const {
  const auto* members = object();
  if (!members) return nullptr;
  for (const auto& [name, value] : *members)
    if (name == key) return &value;
  return nullptr;
}

}  // namespace causeway::config
