// Text from one character set to another, losing nothing in silence: what can't be decoded, and
// characters that the other set has no place for, are counted, and handed to the caller to write.
//
// Not thread-safe: one converter for each thread. Errors: Invalid (the C library lacks a set). Time
// and output are linear in the input. ASCII within a superset of it is copied without a call.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/formats/encoding/character_set.h"

namespace causeway::encoding {

/// What stood in the way, in one text or several.
struct Losses {
  std::size_t undecodable = 0;  ///< Bytes that mean nothing in the set that they are in.
  std::size_t unmappable = 0;   ///< Characters that the other set has no place for.
  bool none() const { return undecodable == 0 && unmappable == 0; }
};

class Converter {
 public:
  /// Writes a stand-in in ASCII for bytes that mean nothing; or, for a character without a place,
  /// for its bytes in UTF-8.
  using StandIn = std::function<void(std::string_view bytes, std::string& out)>;

  static Result<Converter> make(const CharacterSet& from, const CharacterSet& to);
  ~Converter();
  Converter(Converter&&) noexcept;
  Converter& operator=(Converter&&) noexcept;

  /// Appends to `out`. Each call begins anew: nothing is carried from one text to the next.
  Losses convert(std::string_view bytes, std::string& out, const StandIn& stand_in);

 private:
  struct Ends;
  explicit Converter(std::unique_ptr<Ends> ends);
  std::unique_ptr<Ends> ends_;
};

/// True for valid UTF-8 (RFC 3629: no surrogates, nothing past U+10FFFF, shortest form).
bool is_utf8(std::string_view bytes);

/// Bytes of the valid UTF-8 sequence that begins `bytes`; 0: there is none.
std::size_t utf8_length(std::string_view bytes);

/// Length of the leading run of ASCII.
std::size_t ascii_prefix(std::string_view bytes);

}  // namespace causeway::encoding
