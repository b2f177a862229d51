// Messages as lines of text, to be taken out in bulk and brought in elsewhere: NDJSON, one object a
// line, with the content as "body" where it is UTF-8, else as "body_hex". Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/core/message.h"

namespace causeway::api {

/// Larger content is not written: such a line says "too_large" instead.
inline constexpr std::size_t transfer_body_bytes_max = 1024 * 1024;

/// `content` empty: it is too large, or gone.
std::string transfer_line(const std::string& channel, const StoredMessage& message,
                          std::optional<std::string_view> content);

/// What a line offers: sender, content type, and an origin by which a line brought in twice is
/// known. Invalid: it is no such line, or has no content; the words quote nothing of it.
struct Transferred {
  Draft draft;  ///< Without body.
  std::string content;
};
Result<Transferred> read_transfer_line(std::string_view line);

}  // namespace causeway::api
