// 32 secret bytes that are wiped from memory when they go. Moves and copies are explicit values.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace causeway::store {

class Secret {
 public:
  static constexpr std::size_t bytes = 32;

  Secret() = default;
  /// The first 32 bytes of `text`, which has at least as many.
  explicit Secret(std::string_view text);
  ~Secret();
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;

  static Secret random();

  const std::uint8_t* data() const { return data_.data(); }
  std::uint8_t* data() { return data_.data(); }
  std::string_view view() const {
    return {reinterpret_cast<const char*>(data_.data()), data_.size()};
  }

 private:
  std::array<std::uint8_t, bytes> data_{};
};

}  // namespace causeway::store
