#include "engine/config/environment.h"

#include "engine/config/text_file.h"

namespace causeway::config {

namespace {

constexpr std::string_view environment_prefix = "env:";
constexpr std::string_view secret_prefix = "secret:";

std::optional<std::string_view> name_after(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  return is_reference_name(text) ? std::optional(text) : std::nullopt;
}

}  // namespace

bool is_reference_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), allowed);
}

std::optional<std::string_view> environment_name(const Value& value) {
  const auto* text = value.string();
  return text ? name_after(environment_prefix, *text) : std::nullopt;
}

std::optional<std::string_view> secret_name(std::string_view text) {
  return name_after(secret_prefix, text);
}

EnvironmentValues read_environment(std::string_view text, Problems& problems) {
  const auto parsed = parse_json(text, problems);
  if (!parsed) return {};
  if (!parsed->object()) {
    problems.add(*parsed, "", "expected an object of texts and integers");
    return {};
  }
  EnvironmentValues values;
  for (const auto& [name, value] : *parsed->object()) {
    if (!is_reference_name(name))
      problems.add(value, pointer_to("", name), "a name may have letters, digits, _, - and .");
    else if (!value.string() && !value.integer())
      problems.add(value, pointer_to("", name), "expected a text or an integer");
    else
      values.emplace(name, value);
  }
  return values;
}

EnvironmentValues load_environment(Problems& problems) {
  const auto text = read_text_file(problems.file, json_bytes_max);
  if (text) return read_environment(*text, problems);
  problems.add_file(text.error().text);
  return {};
}

}  // namespace causeway::config
