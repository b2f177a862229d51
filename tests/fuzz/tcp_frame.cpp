// Any bytes, split anywhere: the frames are those of the unsplit bytes, and a frame written around
// each content reads back as it.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "connectors/tcp/frame.h"

namespace {

using namespace causeway::connectors::tcp;

constexpr std::size_t frame_bytes_max = 200;

void require(bool condition) {
  if (!condition) std::abort();
}

std::vector<Framing> framings() {
  std::vector<Framing> all(5);
  all[1].start = "\x02";
  all[1].end = "\x03\x03";
  all[2].kind = all[3].kind = Framing::Kind::Length;
  all[3].length_bytes = 2;
  all[3].little_endian = all[3].counts_itself = true;
  all[4].kind = Framing::Kind::Silence;
  return all;
}

std::vector<std::string> read(FrameReader& reader, std::string_view bytes, std::size_t step) {
  std::vector<std::string> frames;
  while (!bytes.empty() && reader.fault() == FrameReader::Fault::None) {
    auto part = bytes.substr(0, step);
    bytes.remove_prefix(part.size());
    while (auto frame = reader.next(part)) {
      require(frame->size() <= frame_bytes_max);
      frames.push_back(std::move(*frame));
    }
    require(part.empty() || reader.fault() != FrameReader::Fault::None);
  }
  if (auto last = reader.end_of_silence()) frames.push_back(std::move(*last));
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const auto& framing : framings()) {
    FrameReader whole(framing, frame_bytes_max), split(framing, frame_bytes_max);
    const auto frames = read(whole, bytes, bytes.size());
    require(read(split, bytes, 1 + data[0] % 7) == frames);
    require(whole.fault() == split.fault());
    for (const auto& frame : frames) {
      const auto head = frame_head(framing, frame);
      if (!head) continue;
      FrameReader again(framing, frame_bytes_max);
      const auto wire = *head + frame + std::string(frame_tail(framing));
      require(read(again, wire, 3) == std::vector<std::string>{frame});
    }
  }
  if (const auto text = unescaped(bytes)) require(text->size() <= bytes.size());
  return 0;
}
