#include "engine/api/target.h"

#include "engine/api/json_text.h"

namespace causeway::api {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class Part : std::uint8_t { Path, Query };

std::optional<std::string> decoded(std::string_view text, Part part) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (part == Part::Query && text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (out.find('\0') != std::string::npos || !is_utf8(out)) return std::nullopt;
  return out;
}

/// What stands before the separator; it and the separator are taken off `rest`.
std::string_view take_until(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const auto piece = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return piece;
}

}  // namespace

std::optional<Target> parse_target(std::string_view target) {
  if (target.size() > target_bytes_max || !target.starts_with('/')) return std::nullopt;
  target = target.substr(0, target.find('#'));
  auto path = take_until(target, '?').substr(1);
  Target parsed;
  while (!path.empty()) {
    auto segment = decoded(take_until(path, '/'), Part::Path);
    if (!segment) return std::nullopt;
    parsed.segments.push_back(std::move(*segment));
  }
  while (!target.empty()) {
    auto value = take_until(target, '&');
    if (value.empty()) continue;
    const auto name = take_until(value, '=');
    auto name_read = decoded(name, Part::Query);
    auto value_read = decoded(value, Part::Query);
    if (!name_read || !value_read || parsed.query.size() == query_parameters_max)
      return std::nullopt;
    parsed.query.emplace_back(std::move(*name_read), std::move(*value_read));
  }
  return parsed;
}

std::string percent_encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

std::string with_parameter(std::string_view target, std::string_view name, std::string_view value) {
  std::string out(take_until(target, '?'));
  char before = '?';
  while (!target.empty()) {
    const auto parameter = take_until(target, '&');
    if (parameter.empty() || parameter.substr(0, parameter.find('=')) == name) continue;
    out += before;
    out += parameter;
    before = '&';
  }
  return out + before + std::string(name) + "=" + percent_encoded(value);
}

}  // namespace causeway::api
