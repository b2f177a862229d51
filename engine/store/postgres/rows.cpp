#include "engine/store/postgres/rows.h"

#include <libpq-fe.h>

#include <cstdlib>

#include "engine/store/postgres/big_endian.h"

namespace causeway::store {
namespace {

std::int64_t integer_of(std::string_view bytes) {
  switch (bytes.size()) {
    case 1:
      return bytes[0];
    case 2:
      return static_cast<std::int16_t>(read_big_endian<std::uint16_t>(bytes));
    case 4:
      return static_cast<std::int32_t>(read_big_endian<std::uint32_t>(bytes));
    case 8:
      return static_cast<std::int64_t>(read_big_endian<std::uint64_t>(bytes));
    default:
      return 0;
  }
}

}  // namespace

std::size_t Rows::size() const {
  return static_cast<std::size_t>(PQntuples(result_.get()));
}

std::size_t Rows::affected() const {
  return std::strtoull(PQcmdTuples(result_.get()), nullptr, 10);
}

bool Rows::is_null(std::size_t row, int column) const {
  return PQgetisnull(result_.get(), static_cast<int>(row), column) != 0;
}

std::int64_t Rows::integer(std::size_t row, int column) const {
  return integer_of(bytes(row, column));
}

std::optional<std::int64_t> Rows::maybe(std::size_t row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return integer(row, column);
}

std::string_view Rows::bytes(std::size_t row, int column) const {
  const int at = static_cast<int>(row);
  return {PQgetvalue(result_.get(), at, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), at, column))};
}

std::vector<std::int64_t> Rows::integers(std::size_t row, int column) const {
  std::vector<std::int64_t> values;
  auto rest = bytes(row, column);
  if (rest.size() < 20) return values;  // null, or an array without elements
  rest.remove_prefix(20);
  while (rest.size() >= 4) {
    const std::size_t length = read_big_endian<std::uint32_t>(rest);
    if (length > rest.size() - 4) break;
    values.push_back(integer_of(rest.substr(4, length)));
    rest.remove_prefix(4 + length);
  }
  return values;
}

}  // namespace causeway::store
