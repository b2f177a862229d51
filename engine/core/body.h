// The bytes of a message: never altered, shared by reference between threads.
//
// A body up to `limits::inline_body_bytes` is held inline; a larger one is staged in the store
// beforehand (1 MiB chunks, see engine/core/store.h BodyStaging) and referred to. Immutable values.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/core/ids.h"

namespace causeway {

using Bytes = std::shared_ptr<const std::string>;

inline Bytes make_bytes(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

class Body {
 public:
  Body() = default;
  explicit Body(Bytes bytes) : bytes_(std::move(bytes)) {}
  Body(BodyId staged, std::uint64_t size) : staged_(staged), size_(size) {}

  bool is_staged() const { return static_cast<bool>(staged_); }
  bool empty() const { return size() == 0; }
  std::uint64_t size() const { return is_staged() ? size_ : bytes_ ? bytes_->size() : 0; }
  /// The inline bytes; empty for a staged body.
  std::string_view view() const { return bytes_ ? std::string_view(*bytes_) : std::string_view(); }
  const Bytes& bytes() const { return bytes_; }
  BodyId staged() const { return staged_; }

 private:
  Bytes bytes_;
  BodyId staged_;
  std::uint64_t size_ = 0;
};

/// What a body is. The number is stored: append only.
enum class ContentType : std::uint8_t {
  Binary = 0,
  Hl7v2 = 1,
  Text = 2,
  Json = 3,
  Xml = 4,
  Dicom = 5,
  X12 = 6,
  Csv = 7,  ///< Delimited or fixed-width records, as the channel declares them.
};

std::string_view to_string(ContentType type);

}  // namespace causeway
