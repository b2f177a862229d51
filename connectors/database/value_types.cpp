#include "connectors/database/value_types.h"

#include <optional>

#include "connectors/database/row_text.h"

namespace causeway::connectors::database {
namespace {

enum TypeId : std::uint32_t {
  bool_type = 16,
  bytea_type = 17,
  int8_type = 20,
  int2_type = 21,
  int4_type = 23,
  json_type = 114,
  float4_type = 700,
  float8_type = 701,
  timestamp_type = 1114,
  timestamptz_type = 1184,
  jsonb_type = 3802,
};

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// "\x00ff"; none: it isn't written so.
std::optional<std::string> bytes_of(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 2; i < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace

Cell cell_of(std::uint32_t type, std::string text) {
  switch (type) {
    case bool_type:
      return {Cell::Kind::Boolean, text == "t" ? "true" : "false"};
    case bytea_type:
      if (auto bytes = bytes_of(text)) return {Cell::Kind::Bytes, std::move(*bytes)};
      return {Cell::Kind::Text, std::move(text)};
    case int2_type:
    case int4_type:
    case int8_type:
      return whole_number(std::move(text));
    case float4_type:
    case float8_type:
      return real_number(std::move(text));
    case json_type:
    case jsonb_type:
      return {Cell::Kind::Json, std::move(text)};
    case timestamp_type:
    case timestamptz_type:
      return {Cell::Kind::Text, iso_time(text)};
    default:
      return {Cell::Kind::Text, std::move(text)};
  }
}

}  // namespace causeway::connectors::database
