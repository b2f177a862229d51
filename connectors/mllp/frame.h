// MLLP framing: VT content FS CR, split and joined anywhere.
// Standard: HL7 Transport Specification, MLLP release 1 (and HL7 v2.3.1 appendix C.4).
//
// Content is handed on as it came: a VT in it, or a FS without CR, is content. CR and LF between
// frames are passed over (many senders end a frame with a blank line); anything else there is
// garbage and counted. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace causeway::connectors::mllp {

inline constexpr std::string_view start_block = "\x0b";
inline constexpr std::string_view end_block = "\x1c\r";

/// Content that would end its own frame can't be sent.
inline bool can_be_framed(std::string_view content) {
  // A FS at the very end is fine: the frame's own FS comes between it and a CR.
  return content.find(end_block) == std::string_view::npos;
}

class FrameReader {
 public:
  struct Limits {
    std::size_t frame_bytes_max = 16 * 1024 * 1024;
    std::size_t garbage_bytes_max = 0;  ///< Since the last whole frame.
  };
  enum class Fault : std::uint8_t { None, FrameTooLong, TooMuchGarbage };

  explicit FrameReader(Limits limits) : limits_(limits) {}

  /// Takes from the front of `bytes` up to the end of the next frame and returns its content;
  /// nullopt when all was taken without one, or on a fault (then nothing more can be read).
  std::optional<std::string> next(std::string_view& bytes);

  Fault fault() const { return fault_; }
  bool in_frame() const { return in_frame_; }
  std::size_t held_bytes() const { return content_.capacity(); }
  std::size_t partial_bytes() const { return content_.size(); }
  std::uint64_t garbage_total() const { return garbage_total_; }

 private:
  bool find_start(std::string_view& bytes);
  std::optional<std::string> find_end(std::string_view& bytes);
  bool keep(std::string_view part);
  std::optional<std::string> finish(std::string_view last_part);

  Limits limits_;
  bool in_frame_ = false;
  bool after_fs_ = false;  // the last byte was a FS; it isn't in content_ yet
  std::string content_;    // of a frame whose end has not come
  std::size_t garbage_ = 0;
  std::uint64_t garbage_total_ = 0;
  Fault fault_ = Fault::None;
};

}  // namespace causeway::connectors::mllp
