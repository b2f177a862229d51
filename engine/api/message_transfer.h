// Messages as lines of text, to be taken out in bulk and brought in elsewhere: NDJSON, one object a
// line, with the content as "body" where it is UTF-8, else as "body_hex". Larger content follows
// its message in lines of its own, in order:
//   {"id": "…", …, "bytes": 5000000, "pieces": 5}
//   {"of": "…", "piece": 1, "body_hex": "…"}
// and the last line tells that nothing is missing: {"end": true, "messages": 3, "gone": 0}. What
// has no content any more says "gone". Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/core/message.h"

namespace causeway::api {

/// Of content in one line, and of one piece of larger content.
inline constexpr std::size_t transfer_piece_bytes = 1024 * 1024;

/// `content` empty: it follows in pieces, or (an empty body) is gone.
std::string transfer_line(const std::string& channel, const StoredMessage& message,
                          std::optional<std::string_view> content);
/// `number` from 1.
std::string transfer_piece_line(MessageId of, std::uint64_t number, std::string_view content);
std::string transfer_end_line(std::int64_t messages, std::int64_t gone);
std::uint64_t transfer_pieces(std::uint64_t bytes);

/// What a line offers: sender, content type, and an origin by which a line brought in twice is
/// known. Invalid: it is no such line, or has no content; the words quote nothing of it.
struct Transferred {
  Draft draft;  ///< Without body.
  std::string content;
  std::string upload;  ///< In place of content: what it was brought in as (uploads.h).
};
Result<Transferred> read_transfer_line(std::string_view line);

/// What a file that is brought in says of a line, before it is sent on.
struct TransferLine {
  enum class Kind : std::uint8_t { Message, Piece, End };
  Kind kind = Kind::Message;
  std::uint64_t pieces = 0;  ///< Of a message: lines of its content that follow.
  std::uint64_t piece = 0;   ///< Its number, from 1.
  std::string of;            ///< The message's number: of itself, or of whose content it is.
  std::string content;       ///< Of a piece.
};
Result<TransferLine> look_at_transfer_line(std::string_view line);
/// The line of a message whose content has been brought in as `upload`.
std::string with_upload(std::string_view line, std::string_view upload);

}  // namespace causeway::api
