#include "engine/config/fields.h"
#include "engine/core/check.h"

namespace causeway::config {

const Parsed::Entry& Parsed::entry(std::string_view name) const {
  const auto found = entries_.find(name);
  CHECK(found != entries_.end());
  return found->second;
}

std::string Parsed::text(std::string_view name) const {
  const auto& found = entry(name);
  CHECK(found.type == FieldType::Text || found.type == FieldType::Choice);
  const auto* text = found.value.string();
  return text ? *text : std::string();
}

std::int64_t Parsed::integer(std::string_view name) const {
  const auto& found = entry(name);
  CHECK(found.type == FieldType::Integer);
  const auto* number = found.value.integer();
  return number ? *number : 0;
}

bool Parsed::boolean(std::string_view name) const {
  const auto& found = entry(name);
  CHECK(found.type == FieldType::Boolean);
  const auto* flag = found.value.boolean();
  return flag && *flag;
}

Milliseconds Parsed::duration(std::string_view name) const {
  return Milliseconds(integer(name));
}

std::vector<std::string> Parsed::text_list(std::string_view name) const {
  const auto& found = entry(name);
  CHECK(found.type == FieldType::TextList);
  std::vector<std::string> texts;
  if (const auto* list = found.value.list())
    for (const auto& item : *list) texts.push_back(*item.string());
  return texts;
}

const Parsed& Parsed::object(std::string_view name) const {
  const auto& found = entry(name);
  CHECK(found.type == FieldType::Object);
  return *found.members;
}

const std::vector<Parsed>& Parsed::object_list(std::string_view name) const {
  const auto& found = entry(name);
  CHECK(found.type == FieldType::ObjectList);
  return *found.items;
}

bool Parsed::given(std::string_view name) const {
  return entry(name).given;
}

bool Parsed::has(std::string_view name, FieldType type) const {
  const auto found = entries_.find(name);
  return found != entries_.end() && found->second.type == type;
}

const Value& Parsed::raw(std::string_view name) const {
  return entry(name).value;
}

}  // namespace causeway::config
