// Where a message begins and ends in a stream of bytes, as the config says: by delimiters, by a
// length before it, or by silence after it. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway::connectors::tcp {

struct Framing {
  enum class Kind : std::uint8_t { Delimiter, Length, Silence };

  Kind kind = Kind::Delimiter;
  std::string start;  ///< By delimiters: before it; empty: none.
  std::string end = "\n";
  std::size_t length_bytes = 4;  ///< 1, 2, 4 or 8.
  bool little_endian = false;
  bool counts_itself = false;  ///< The length covers its own bytes too.
  Milliseconds silence{0};
};

/// What goes before the content; nullopt: it can't be framed (it has the end in it, or is too long
/// for the length).
std::optional<std::string> frame_head(const Framing& framing, std::string_view content);
/// What goes after it.
std::string_view frame_tail(const Framing& framing);

/// "\r\n", "\x03" and the like, as they are written in a config. Invalid.
Result<std::string> unescaped(std::string_view text);

class FrameReader {
 public:
  enum class Fault : std::uint8_t { None, FrameTooLong, Malformed };

  FrameReader(const Framing& framing, std::size_t frame_bytes_max)
      : framing_(framing), frame_bytes_max_(frame_bytes_max) {}

  /// Takes from the front of `bytes` up to the end of the next frame and returns its content;
  /// nullopt when all was taken without one, or on a fault (then nothing more can be read).
  std::optional<std::string> next(std::string_view& bytes);
  /// What there is, where silence or the peer's end has ended it; nullopt: nothing, or it isn't
  /// ended so.
  std::optional<std::string> end_of_silence();

  Fault fault() const { return fault_; }
  bool in_frame() const { return !held_.empty(); }
  std::size_t held_bytes() const { return held_.capacity(); }

 private:
  std::optional<std::string> next_delimited(std::string_view& bytes);
  std::optional<std::string> next_counted(std::string_view& bytes);
  std::optional<std::string> failed(Fault fault);
  bool read_length();

  Framing framing_;
  std::size_t frame_bytes_max_;
  std::string held_;  // of a frame whose end has not come, with what is before its content
  std::size_t searched_ = 0;
  std::optional<std::uint64_t> length_;  // of the content
  Fault fault_ = Fault::None;
};

}  // namespace causeway::connectors::tcp
