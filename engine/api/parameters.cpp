#include "engine/api/parameters.h"

#include <charconv>

#include "engine/api/json_text.h"

namespace causeway::api {
namespace {

using config::Field;
using config::FieldType;
using config::Value;

const Field* field_of(const config::Fields& fields, std::string_view name) {
  for (const auto& field : fields)
    if (field.name() == name) return &field;
  return nullptr;
}

/// As the field's type; text that isn't stays text, which its check then refuses.
Value value_of(const Field* field, const std::string& text) {
  if (field && field->type() == FieldType::Integer) {
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec == std::errc() && read.ptr == end) return {number, {}};
  }
  if (field && field->type() == FieldType::Boolean) {
    if (text == "true") return {true, {}};
    if (text == "false") return {false, {}};
  }
  return {text, {}};
}

Value* member(Value::Object& object, std::string_view name) {
  for (auto& [key, value] : object)
    if (key == name) return &value;
  return nullptr;
}

void refuse_nul(const Value& value, const std::string& pointer, config::Problems& problems) {
  if (const auto* text = value.string()) {
    if (text->find('\0') != std::string::npos)
      problems.add(value, pointer, "a text can't have the character NUL");
    if (!is_utf8(*text)) problems.add(value, pointer, "not well-formed UTF-8");
  }
  if (const auto* list = value.list())
    for (std::size_t i = 0; i < list->size(); ++i)
      refuse_nul((*list)[i], config::pointer_to(pointer, i), problems);
  if (const auto* object = value.object())
    for (const auto& [key, each] : *object)
      refuse_nul(each, config::pointer_to(pointer, key), problems);
}

}  // namespace

config::Parsed read_texts(const config::Fields& fields, const TextParameters& given,
                          std::string_view part, config::Problems& problems) {
  const auto pointer = config::pointer_to("", part);
  Value::Object object;
  for (const auto& [name, text] : given) {
    const auto* field = field_of(fields, name);
    auto value = value_of(field, text);
    auto* before = member(object, name);
    if (field && field->type() == FieldType::TextList) {
      Value::List list;
      if (before) list = *before->list();
      list.push_back(std::move(value));
      if (before)
        *before = Value(std::move(list), {});
      else
        object.emplace_back(name, Value(std::move(list), {}));
    } else if (before) {
      problems.add(value, config::pointer_to(pointer, name), "given more than once");
    } else {
      object.emplace_back(name, std::move(value));
    }
  }
  return config::read_plain(fields, Value(std::move(object), {}), problems, pointer);
}

config::Parsed read_body(const config::Fields& fields, std::string_view json,
                         config::Problems& problems) {
  problems.file = "body";
  auto value = config::parse_json(json.empty() ? "{}" : json, problems);
  problems.file.clear();
  if (!value) return {};
  refuse_nul(*value, "/body", problems);
  return config::read_plain(fields, *value, problems, "/body");
}

}  // namespace causeway::api
