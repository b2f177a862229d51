#include "engine/store/journal/packing.h"

#include <utility>

namespace causeway::store {

Packer& Packer::number(std::uint64_t value) {
  while (value >= 0x80) {
    bytes_.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  bytes_.push_back(static_cast<char>(value));
  return *this;
}

Packer& Packer::text(std::string_view bytes) {
  number(bytes.size());
  bytes_ += bytes;
  return *this;
}

Packer& Packer::rest(std::string_view bytes) {
  bytes_ += bytes;
  return *this;
}

void Unpacker::fail() {
  ok_ = false;
  rest_ = {};
}

std::uint64_t Unpacker::number() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) break;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  fail();
  return 0;
}

std::size_t Unpacker::count() {
  const auto value = number();
  if (value <= rest_.size()) return static_cast<std::size_t>(value);
  fail();
  return 0;
}

std::string_view Unpacker::text() {
  const auto length = count();
  auto bytes = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return bytes;
}

std::string_view Unpacker::rest() {
  return std::exchange(rest_, {});
}

}  // namespace causeway::store
