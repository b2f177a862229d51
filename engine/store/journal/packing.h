// The plain form of what goes into one sealed column: numbers (LEB128) and byte strings (length,
// bytes), one after the other. Readers are bounded and never trust a length.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace causeway::store {

class Packer {
 public:
  Packer& number(std::uint64_t value);
  Packer& text(std::string_view bytes);
  /// Bytes up to the end: last of all.
  Packer& rest(std::string_view bytes);
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Refers to the bytes it reads from. After a broken number or length all that follows reads as 0
/// or empty, and `ok` is false.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t number();
  /// A count of things that each take at least one byte: never more than there are bytes.
  std::size_t count();
  std::string_view text();
  std::string_view rest();
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  void fail();
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace causeway::store
