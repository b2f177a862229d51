// What PostgreSQL answered, read in binary format. An immutable value, cheap to copy.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

struct pg_result;

namespace causeway::store {

class Rows {
 public:
  explicit Rows(std::shared_ptr<pg_result> result) : result_(std::move(result)) {}

  std::size_t size() const;
  bool empty() const { return size() == 0; }
  std::size_t affected() const;  ///< Rows that an INSERT, UPDATE or DELETE touched.

  bool is_null(std::size_t row, int column) const;
  /// smallint, integer, bigint or boolean; 0 if null.
  std::int64_t integer(std::size_t row, int column) const;
  std::int32_t integer32(std::size_t row, int column) const {
    return static_cast<std::int32_t>(integer(row, column));
  }
  std::optional<std::int64_t> maybe(std::size_t row, int column) const;
  bool boolean(std::size_t row, int column) const { return integer(row, column) != 0; }
  /// bytea or text; empty if null. Valid as long as this or a copy lives.
  std::string_view bytes(std::size_t row, int column) const;
  /// An array of integers, without nulls; empty if null.
  std::vector<std::int64_t> integers(std::size_t row, int column) const;

 private:
  std::shared_ptr<pg_result> result_;
};

}  // namespace causeway::store
