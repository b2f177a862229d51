// MLLP framing for the load programs, written apart from the engine's so that each checks the
// other: <VT> content <FS><CR>. One reader per connection; not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace load {

class FrameReader {
 public:
  /// Reads what a non-blocking socket has. False: closed, broken, or a frame over 64 MiB.
  bool fill(int socket);
  /// The content of the next whole frame, valid until the next `fill`.
  std::optional<std::string_view> next();
  /// Bytes that stood outside of frames.
  std::uint64_t stray_bytes() const { return stray_bytes_; }

 private:
  std::string_view unread() const { return std::string_view(buffer_).substr(0, end_); }

  std::string buffer_;       // room; what was read ends at end_
  std::size_t begin_ = 0;    // of what has not been handed out
  std::size_t scanned_ = 0;  // no end of frame before this
  std::size_t end_ = 0;
  std::uint64_t stray_bytes_ = 0;
};

/// Bytes waiting to be sent on a non-blocking socket.
class Outbox {
 public:
  void add_frame(std::string_view content);
  /// Sends what the socket takes. False: the connection is broken.
  bool flush(int socket);
  bool empty() const { return sent_ == buffer_.size(); }

 private:
  std::string buffer_;
  std::size_t sent_ = 0;
};

/// Field n (from 1) of the first segment of this name, up to its first component or repetition.
/// MSH counts its separator as field 1. Assumes the usual delimiters.
std::string_view field(std::string_view message, std::string_view segment, int n);

/// Nanoseconds of CLOCK_MONOTONIC: one clock for all programs on a machine.
std::int64_t now_ns();

}  // namespace load
