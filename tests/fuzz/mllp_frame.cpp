// Any bytes, split anywhere: the frames, the faults and the garbage counted are those of the
// unsplit bytes, and a frame written around each content reads back as it.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "connectors/mllp/frame.h"

namespace {

using namespace causeway::connectors::mllp;

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr FrameReader::Limits limits{200, 8};

void read(FrameReader& reader, std::string_view bytes, std::vector<std::string>& frames) {
  while (auto frame = reader.next(bytes)) {
    require(frame->size() <= limits.frame_bytes_max);
    frames.push_back(std::move(*frame));
  }
  require(bytes.empty() || reader.fault() != FrameReader::Fault::None);
  require(reader.partial_bytes() <= limits.frame_bytes_max);
}

void require_round_trip(const std::string& content) {
  require(can_be_framed(content));
  FrameReader reader(limits);
  std::vector<std::string> frames;
  read(reader, std::string(start_block) + content + std::string(end_block), frames);
  require(frames.size() == 1 && frames[0] == content && !reader.in_frame());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  FrameReader whole(limits);
  std::vector<std::string> frames;
  read(whole, bytes, frames);
  for (const auto& frame : frames) require_round_trip(frame);

  // The input itself says where it is split.
  FrameReader split(limits);
  std::vector<std::string> split_frames;
  for (std::size_t at = 0; at < size;) {
    const auto part = bytes.substr(at, data[at] % 7u);
    read(split, part, split_frames);
    at += part.size();
    if (part.empty()) read(split, bytes.substr(at++, 1), split_frames);
  }
  require(split_frames == frames);
  require(split.fault() == whole.fault());
  require(split.in_frame() == whole.in_frame() || whole.fault() != FrameReader::Fault::None);
  if (whole.fault() == FrameReader::Fault::None)
    require(split.garbage_total() == whole.garbage_total() &&
            split.partial_bytes() == whole.partial_bytes());
  return 0;
}
