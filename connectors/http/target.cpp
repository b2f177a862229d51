#include "connectors/http/target.h"

namespace causeway::connectors::http {
namespace {

int hexadecimal(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Error invalid(std::string text) {
  return {ErrorKind::Invalid, "target", std::move(text)};
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

/// The authority of an absolute-form says nothing that the connection doesn't.
std::string_view without_authority(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    const auto path = text.find_first_of("/?", scheme.size());
    return path == text.npos ? std::string_view("/") : text.substr(path);
  }
  return text;
}

Status read_segments(Target& target) {
  std::string_view rest = target.path;
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the slash
    const auto end = std::min(rest.find('/'), rest.size());
    auto segment = percent_decode(rest.substr(0, end));
    if (!segment) return segment.error();
    if (*segment == "." || *segment == "..") return invalid("a segment of dots");
    if (target.segments.size() == path_segments_max) return invalid("too many segments");
    target.segments.push_back(std::move(*segment));
    rest.remove_prefix(end);
  }
  // "/a/" is "/a": senders write both.
  if (!target.segments.empty() && target.segments.back().empty()) target.segments.pop_back();
  return Done{};
}

void add_parameter(Attributes& parameters, std::string name, std::string value) {
  std::size_t same = 1;
  for (const auto& parameter : parameters)
    if (parameter.name == name || parameter.name.starts_with(name + ".")) ++same;
  if (same > 1) name += "." + std::to_string(same);
  parameters.push_back({std::move(name), std::move(value)});
}

Status read_query(Target& target) {
  std::string_view rest = target.query;
  while (!rest.empty()) {
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    if (pair.empty()) continue;
    if (target.parameters.size() == query_values_max) return invalid("too many query parameters");
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(pair.size(), equals + 1)), true);
    if (!name) return name.error();
    if (!value) return value.error();
    add_parameter(target.parameters, std::move(*name), std::move(*value));
  }
  return Done{};
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
  text = without_authority(text);
  if (!text.starts_with('/')) return invalid("it has no path");
  Target target;
  const auto path = text.substr(0, text.find('?'));
  target.path = path;
  target.query = text.substr(std::min(text.size(), path.size() + 1));
  if (auto read = read_segments(target); !read) return read.error();
  if (auto read = read_query(target); !read) return read.error();
  return target;
}

Result<std::string> percent_decode(std::string_view text, bool plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 1 < text.size() ? hexadecimal(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hexadecimal(text[i + 2]) : -1;
      if (high < 0 || low < 0) return invalid("a percent sign without two hexadecimal digits");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (plus && c == '+') {
      c = ' ';
    }
    if (c == '\0') return invalid("a null character");
    out += c;
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace causeway::connectors::http
