#include "engine/config/fields.h"

namespace causeway::config {

namespace {

/// A '|' would end the table's cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string bounds(const Field& field) {
  if (!field.low() || !field.high()) return "";
  if (*field.high() == INT64_MAX) return ", from " + std::to_string(*field.low());
  return ", " + std::to_string(*field.low()) + " to " + std::to_string(*field.high());
}

std::string type_of(const Field& field) {
  switch (field.type()) {
    case FieldType::Text:
      return field.is_secret() ? "`\"secret:NAME\"`" : "text";
    case FieldType::Integer:
      return "integer" + bounds(field);
    case FieldType::Boolean:
      return "true or false";
    case FieldType::Choice: {
      std::string out;
      for (const auto& choice : field.choices()) out += (out.empty() ? "`" : ", `") + choice + "`";
      return out;
    }
    case FieldType::TextList:
      return "list of texts";
    case FieldType::Object:
      return "object";
    case FieldType::ObjectList:
      return "list of objects";
    case FieldType::Any:
      return "see below";
  }
  return "";
}

std::string default_of(const Field& field) {
  if (field.is_required()) return "required";
  const auto& value = field.default_value();
  if (value.boolean()) return *value.boolean() ? "`true`" : "`false`";
  if (value.integer()) return "`" + std::to_string(*value.integer()) + "`";
  if (value.string()) return "`" + *value.string() + "`";
  return "none";
}

void add_rows(const Fields& fields, const std::string& prefix, std::string& page) {
  for (const auto& field : fields) {
    page += "| `" + prefix + field.name() + "` | " + cell(type_of(field)) + " | " +
            cell(default_of(field)) + " | " + cell(field.doc()) + " |\n";
    if (field.members()) add_rows(*field.members(), prefix + field.name() + ".", page);
  }
}

}  // namespace

std::string reference_page(const Fields& fields, std::string_view title) {
  std::string page = "# " + std::string(title) +
                     "\n\n| Key | Value | Default | Meaning |\n| --- | --- | --- | --- |\n";
  add_rows(fields, "", page);
  return page;
}

}  // namespace causeway::config
