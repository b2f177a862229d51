// One column of rows on their way to PostgreSQL: a one-dimensional array in its binary format
// (array_send in PostgreSQL's source), built in place. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace causeway::store {

/// Element types, by their OID (pg_type.dat).
enum class ColumnType : std::uint32_t {
  Bool = 16,
  Bytea = 17,
  Int8 = 20,
  Int2 = 21,
  Int4 = 23,
  Text = 25,
};

class Column {
 public:
  explicit Column(ColumnType type);

  /// An integer of the column's type; it fits.
  void add(std::int64_t value);
  void add(std::optional<std::int64_t> value);
  /// For Bytea and Text.
  void add_bytes(std::string_view bytes);
  void add_null();

  std::size_t rows() const { return rows_; }
  /// The whole array; valid until the next `add`.
  std::string_view array();
  void clear();

 private:
  ColumnType type_;
  std::uint32_t rows_ = 0;
  bool has_null_ = false;
  std::string bytes_;
};

}  // namespace causeway::store
