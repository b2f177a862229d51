#include "engine/store/postgres/column.h"

#include "engine/store/postgres/big_endian.h"

namespace causeway::store {
namespace {

constexpr std::size_t header_bytes = 20;

}  // namespace

Column::Column(ColumnType type) : type_(type), bytes_(header_bytes, '\0') {}

void Column::add(std::int64_t value) {
  ++rows_;
  switch (type_) {
    case ColumnType::Bool:
      append_big_endian<std::uint32_t>(bytes_, 1);
      bytes_.push_back(value != 0 ? '\1' : '\0');
      return;
    case ColumnType::Int2:
      append_big_endian<std::uint32_t>(bytes_, 2);
      append_big_endian(bytes_, static_cast<std::uint16_t>(value));
      return;
    case ColumnType::Int4:
      append_big_endian<std::uint32_t>(bytes_, 4);
      append_big_endian(bytes_, static_cast<std::uint32_t>(value));
      return;
    default:
      append_big_endian<std::uint32_t>(bytes_, 8);
      append_big_endian(bytes_, static_cast<std::uint64_t>(value));
  }
}

void Column::add(std::optional<std::int64_t> value) {
  if (value)
    add(*value);
  else
    add_null();
}

void Column::add_bytes(std::string_view bytes) {
  ++rows_;
  append_big_endian(bytes_, static_cast<std::uint32_t>(bytes.size()));
  bytes_ += bytes;
}

void Column::add_null() {
  ++rows_;
  has_null_ = true;
  append_big_endian(bytes_, UINT32_MAX);
}

std::string_view Column::array() {
  std::string header;
  header.reserve(header_bytes);
  append_big_endian<std::uint32_t>(header, 1);  // dimensions
  append_big_endian<std::uint32_t>(header, has_null_ ? 1 : 0);
  append_big_endian(header, static_cast<std::uint32_t>(type_));
  append_big_endian(header, rows_);
  append_big_endian<std::uint32_t>(header, 1);  // index of the first element
  bytes_.replace(0, header_bytes, header);
  return bytes_;
}

void Column::clear() {
  rows_ = 0;
  has_null_ = false;
  bytes_.resize(header_bytes);
}

}  // namespace causeway::store
