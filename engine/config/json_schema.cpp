#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include "engine/config/channel_fields.h"
#include "engine/config/reference.h"

namespace causeway::config {

namespace {

constexpr std::string_view secret_pattern = "^secret:[A-Za-z0-9_.-]{1,64}$";
constexpr std::string_view environment_pattern = "^env:[A-Za-z0-9_.-]{1,64}$";

enum class Use { File, Wire };

/// An object whose "type" decides about its other fields.
struct Variant {
  std::string type, summary;
  Fields fields;
};

/// What stands in a field of the channel that is checked by whoever reads it.
struct Variants {
  enum class Shape : std::uint8_t { One, List, ByName };
  Shape shape = Shape::One;
  std::vector<Variant> all;
};

class SchemaWriter {
 public:
  using ByField = std::map<std::string, Variants, std::less<>>;

  explicit SchemaWriter(Use use, ByField variants = {})
      : use_(use), variants_(std::move(variants)) {}

  std::string document(const Fields& fields, std::string_view title) {
    begin(title);
    members(fields);
    return end();
  }

  std::string environment_document() {
    begin("What env:NAME stands for in Causeway channels");
    text("type", "object");
    key("properties");
    json_.StartObject();
    key("extends");
    json_.StartObject();
    text("type", "string");
    text("description", "A file whose values hold where this one has none");
    json_.EndObject();
    json_.EndObject();
    key("additionalProperties");
    json_.StartObject();
    strings("type", {"string", "integer"});
    json_.EndObject();
    return end();
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
  void begin(std::string_view title) {
    json_.SetIndent(' ', 2);
    json_.StartObject();
    text("$schema", "https://json-schema.org/draft/2020-12/schema");
    text("title", title);
  }

  std::string end() {
    json_.EndObject();
    return std::string(buffer_.GetString(), buffer_.GetSize()) + "\n";
  }

  void variants(const Variants& given) {
    if (given.shape == Variants::Shape::One) return one_of(given.all);
    const bool list = given.shape == Variants::Shape::List;
    text("type", list ? "array" : "object");
    key(list ? "items" : "additionalProperties");
    json_.StartObject();
    one_of(given.all);
    json_.EndObject();
  }

  /// First by type alone, then the fields of that type: so an editor offers the types, and speaks
  /// only of the one that was chosen.
  void one_of(const std::vector<Variant>& all) {
    if (all.size() == 1) return members(all.front().fields);
    text("type", "object");
    key("properties");
    json_.StartObject();
    key("type");
    json_.StartObject();
    std::vector<std::string> types;
    for (const auto& variant : all) types.push_back(variant.type);
    strings("enum", types);
    json_.EndObject();
    json_.EndObject();
    strings("required", {"type"});
    key("allOf");
    json_.StartArray();
    for (const auto& variant : all) if_then(variant);
    json_.EndArray();
  }

  void if_then(const Variant& variant) {
    json_.StartObject();
    key("if");
    json_.StartObject();
    key("properties");
    json_.StartObject();
    key("type");
    json_.StartObject();
    text("const", variant.type);
    json_.EndObject();
    json_.EndObject();
    json_.EndObject();
    key("then");
    json_.StartObject();
    text("description", variant.summary);
    members(variant.fields);
    json_.EndObject();
    json_.EndObject();
  }

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
    if (const auto found = variants_.find(field.name());
        found != variants_.end() && field.type() == FieldType::Any)
      return variants(found->second);
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
  ByField variants_;
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

std::string channel_schema(const std::vector<EndKind>& kinds) {
  Variants sources{Variants::Shape::One, {}}, stages{Variants::Shape::List, {}},
      destinations{Variants::Shape::ByName, {}};
  for (const auto& kind : kinds) {
    if (kind.source)
      sources.all.push_back({kind.name, kind.summary, together(source_fields(), *kind.source)});
    if (kind.destination)
      destinations.all.push_back(
          {kind.name, kind.summary, together(destination_fields(), *kind.destination)});
  }
  sources.all.push_back({"channel", hop_summary, source_fields()});
  destinations.all.push_back(
      {"channel", hop_summary, together(destination_fields(), hop_fields())});
  for (const auto& type : stage_fields().front().choices()) {
    const bool enriches = type == "enrich";
    stages.all.push_back({type, enriches ? "A look-up elsewhere" : "A script",
                          enriches ? enrich_fields() : stage_fields()});
  }
  SchemaWriter::ByField variants{{"source", std::move(sources)},
                                 {"stages", std::move(stages)},
                                 {"destinations", std::move(destinations)}};
  return SchemaWriter(Use::File, std::move(variants))
      .document(channel_fields(), "A Causeway channel");
}

std::string environment_schema() {
  return SchemaWriter(Use::File).environment_document();
}

}  // namespace causeway::config
