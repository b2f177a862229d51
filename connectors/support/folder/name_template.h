// Names of files to write: "{date}/{type}-{message_id}.hl7", filled from a delivery.
//
// Values come from messages, so whatever is no letter, digit, '.', '-' or '_' becomes '_', a value
// can't begin with a dot, and is cut at 100 bytes; '/' comes from the template alone. The same
// delivery always gives the same name, also at a later try: times are those of its message's
// arrival, UTC. Immutable; thread-safe. Errors: Invalid, with what can be named.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/work.h"
#include "engine/formats/hl7v2/path.h"

namespace causeway::connectors::folder {

/// Read of a body to fill a name from; a path further on in it has no value.
inline constexpr std::size_t named_bytes_max = 256 * 1024;

class NameTemplate {
 public:
  static Result<NameTemplate> parse(std::string_view text);

  /// `body`: the first `named_bytes_max` bytes of it. Limit: a path of more than 255 bytes.
  Result<std::string> fill(const StoredDelivery& delivery, std::string_view body) const;

  bool reads_body() const;  ///< It names a value of an HL7 v2 message.
  bool is_unique() const;   ///< It names the message.

 private:
  enum class Kind : std::uint8_t { Literal, MessageId, Part, Date, Time, Type, Attribute, Path };
  struct Piece {
    Kind kind = Kind::Literal;
    std::string text;
    hl7v2::Path path;
  };
  static Result<Piece> variable(std::string_view name);
  static std::string value_of(const Piece& piece, const StoredDelivery& delivery,
                              std::string_view body);

  std::vector<Piece> pieces_;
};

}  // namespace causeway::connectors::folder
