// A JSON value that remembers where it stood in its file, so that every problem can name its place.
// Immutable after parsing; may be read by several threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/core/result.h"

namespace causeway::config {

struct Place {
  int line = 0;    ///< From 1.
  int column = 0;  ///< From 1, in bytes.
};

class Value {
 public:
  using List = std::vector<Value>;
  using Object = std::vector<std::pair<std::string, Value>>;  ///< In the file's order.

  Value() = default;
  template <class T>
  Value(T data, Place place) : data_(std::move(data)), place_(place) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  const bool* boolean() const { return std::get_if<bool>(&data_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&data_); }
  const double* real() const { return std::get_if<double>(&data_); }
  const std::string* string() const { return std::get_if<std::string>(&data_); }
  const List* list() const { return std::get_if<List>(&data_); }
  const Object* object() const { return std::get_if<Object>(&data_); }

  /// The member of an object; nullptr if there is none or this is no object.
  const Value* find(std::string_view key) const;
  Place place() const { return place_; }

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Object> data_;
  Place place_;
};

inline constexpr std::size_t json_bytes_max = 4 * 1024 * 1024;
inline constexpr std::size_t json_depth_max = 64;

/// Parses JSON (RFC 8259) with // and /* */ comments allowed. Errors name line and column. Limits:
/// 4 MiB, 64 levels; a key twice in one object is an error.
Result<Value> parse_json(std::string_view text, std::string_view file_name);

}  // namespace causeway::config
