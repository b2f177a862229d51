#include "engine/config/environment.h"

#include <unistd.h>

#include <charconv>

#include "engine/config/text_file.h"

namespace causeway::config {

namespace {

constexpr std::string_view environment_prefix = "env:";
constexpr std::string_view secret_prefix = "secret:";
constexpr std::string_view extends_key = "extends";
constexpr int extends_depth_max = 8;
constexpr std::string_view variable_prefix = "CAUSEWAY_ENV_";

/// The number, if the text is how it is written: "007" is a text.
std::optional<std::int64_t> integer_of(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || std::to_string(number) != text) return std::nullopt;
  return number;
}

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

namespace {

EnvironmentValues load_with_base(const std::filesystem::path& file, int depth, Problems& problems) {
  problems.file = file.string();
  const auto text = read_text_file(file, json_bytes_max);
  if (!text) {
    problems.add_file(text.error().text);
    return {};
  }
  auto values = read_environment(*text, problems);
  const auto extends = values.extract(std::string(extends_key));
  if (!extends) return values;
  const auto* base = extends.mapped().string();
  if (!base || depth == extends_depth_max) {
    problems.add(extends.mapped(), pointer_to("", extends_key),
                 base ? "too many files that extend one another" : "expected a file's name");
    return values;
  }
  for (auto& value : load_with_base(file.parent_path() / *base, depth + 1, problems))
    values.insert(value);
  problems.file = file.string();
  return values;
}

}  // namespace

EnvironmentValues load_environment_file(const std::string& file, Problems& problems) {
  return load_with_base(file, 0, problems);
}

EnvironmentValues load_environment(Problems& problems) {
  EnvironmentValues values;
  for (char** variable = environ; *variable; ++variable) {
    std::string_view text = *variable;
    if (!text.starts_with(variable_prefix)) continue;
    text.remove_prefix(variable_prefix.size());
    const auto equals = std::min(text.find('='), text.size());
    const auto name = text.substr(0, equals);
    const auto value = text.substr(std::min(equals + 1, text.size()));
    if (!is_reference_name(name)) {
      problems.file = variable_prefix;
      problems.add_file(in_quotes(name) + ": a name may have letters, digits, _, - and .");
      continue;
    }
    const auto number = integer_of(value);
    values.emplace(name, number ? Value(*number, {}) : Value(std::string(value), {}));
  }
  return values;
}

}  // namespace causeway::config
