#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include "engine/config/fields.h"

namespace causeway::config {

namespace {

constexpr std::string_view secret_pattern = "^secret:[A-Za-z0-9_.-]{1,64}$";
constexpr std::string_view environment_pattern = "^env:[A-Za-z0-9_.-]{1,64}$";

enum class Use { File, Wire };

class SchemaWriter {
 public:
  explicit SchemaWriter(Use use) : use_(use) {}

  std::string document(const Fields& fields, std::string_view title) {
    json_.SetIndent(' ', 2);
    json_.StartObject();
    text("$schema", "https://json-schema.org/draft/2020-12/schema");
    text("title", title);
    members(fields);
    json_.EndObject();
    return std::string(buffer_.GetString(), buffer_.GetSize()) + "\n";
  }

  std::string object(const Fields& fields) {
    json_.SetIndent(' ', 0);
    json_.StartObject();
    members(fields);
    json_.EndObject();
    return buffer_.GetString();
  }

  std::string single(const Field& field) {
    json_.SetIndent(' ', 0);
    json_.StartObject();
    property(field);
    json_.EndObject();
    return buffer_.GetString();
  }

 private:
  void members(const Fields& fields) {
    text("type", "object");
    key("properties");
    json_.StartObject();
    for (const auto& field : fields) {
      key(field.name());
      json_.StartObject();
      property(field);
      json_.EndObject();
    }
    json_.EndObject();
    required(fields);
    key("additionalProperties");
    json_.Bool(false);
  }

  void required(const Fields& fields) {
    key("required");
    json_.StartArray();
    for (const auto& field : fields)
      if (field.is_required()) string(field.name());
    json_.EndArray();
  }

  void property(const Field& field) {
    text("description", field.doc());
    type(field);
    default_value(field.default_value());
  }

  void type(const Field& field) {
    switch (field.type()) {
      case FieldType::Text:
        text("type", "string");
        if (field.is_secret()) text("pattern", secret_pattern);
        break;
      case FieldType::Integer:
        integer_or_reference(field);
        break;
      case FieldType::Boolean:
        text("type", "boolean");
        break;
      case FieldType::Choice:
        text("type", "string");
        strings("enum", field.choices());
        break;
      case FieldType::TextList:
        text("type", "array");
        key("items");
        json_.StartObject();
        text("type", "string");
        json_.EndObject();
        break;
      case FieldType::Object:
        members(*field.members());
        break;
      case FieldType::ObjectList:
        text("type", "array");
        key("items");
        json_.StartObject();
        members(*field.members());
        json_.EndObject();
        break;
      case FieldType::Any:
        break;
    }
  }

  void integer(const Field& field) {
    text("type", "integer");
    if (field.low()) number("minimum", *field.low());
    if (field.high()) number("maximum", *field.high());
  }

  void integer_or_reference(const Field& field) {
    if (use_ == Use::Wire) return integer(field);
    key("anyOf");
    json_.StartArray();
    json_.StartObject();
    integer(field);
    json_.EndObject();
    json_.StartObject();
    text("type", "string");
    text("pattern", environment_pattern);
    json_.EndObject();
    json_.EndArray();
  }

  void default_value(const Value& value) {
    if (value.is_null()) return;
    key("default");
    if (value.boolean())
      json_.Bool(*value.boolean());
    else if (value.integer())
      json_.Int64(*value.integer());
    else
      string(*value.string());
  }

  void string(std::string_view value) {
    json_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }
  void key(std::string_view name) {
    json_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }
  void text(std::string_view name, std::string_view value) {
    key(name);
    string(value);
  }
  void number(std::string_view name, std::int64_t value) {
    key(name);
    json_.Int64(value);
  }
  void strings(std::string_view name, const std::vector<std::string>& values) {
    key(name);
    json_.StartArray();
    for (const auto& value : values) string(value);
    json_.EndArray();
  }

  const Use use_;
  rapidjson::StringBuffer buffer_;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> json_{buffer_};
};

}  // namespace

std::string json_schema(const Fields& fields, std::string_view title) {
  return SchemaWriter(Use::File).document(fields, title);
}

std::string plain_schema(const Fields& fields) {
  return SchemaWriter(Use::Wire).object(fields);
}

std::string plain_schema(const Field& field) {
  return SchemaWriter(Use::Wire).single(field);
}

}  // namespace causeway::config
