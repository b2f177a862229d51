#include "connectors/http/gzip.h"

#include <zlib.h>

#include "engine/core/check.h"

namespace causeway::connectors::http {
namespace {

constexpr int gzip_window = 15 + 16;  // the largest, with gzip's head
constexpr int fast = 1;
constexpr int memory_level = 8;  // zlib's default
constexpr std::size_t output_piece = 64 * 1024;

unsigned char* bytes_of(const char* text) {
  return reinterpret_cast<unsigned char*>(const_cast<char*>(text));
}

}  // namespace

struct Inflater::State {
  z_stream stream{};
  bool ended = false;
  bool begun = false;
};

Inflater::Inflater() : state_(std::make_unique<State>()) {
  CHECK(inflateInit2(&state_->stream, gzip_window) == Z_OK);
}

Inflater::~Inflater() {
  inflateEnd(&state_->stream);
}

bool Inflater::step(std::string_view& packed, std::string& out) {
  auto& stream = state_->stream;
  const auto stop_at = out.size() + step_bytes;
  bool full = false;
  while ((!packed.empty() || full) && out.size() < stop_at) {
    if (state_->ended) return false;  // bytes behind the end
    const auto before = out.size();
    out.resize(before + output_piece);
    stream.next_in = bytes_of(packed.data());
    stream.avail_in = static_cast<unsigned>(std::min<std::size_t>(packed.size(), 1 << 30));
    stream.next_out = bytes_of(out.data() + before);
    stream.avail_out = output_piece;
    const auto given = stream.avail_in;
    const int result = inflate(&stream, Z_NO_FLUSH);
    packed.remove_prefix(given - stream.avail_in);
    out.resize(before + output_piece - stream.avail_out);
    full = stream.avail_out == 0;
    if (result == Z_STREAM_END) {
      state_->ended = true;
      full = false;
    } else if (result == Z_BUF_ERROR) {
      return packed.empty();  // it wants more than there is
    } else if (result != Z_OK) {
      return false;
    }
  }
  return true;
}

bool Inflater::at_end() const {
  return state_->ended;
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, fast, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) ==
        Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = bytes_of(bytes.data());
  stream.avail_in = static_cast<unsigned>(bytes.size());
  stream.next_out = bytes_of(out.data());
  stream.avail_out = static_cast<unsigned>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  CHECK(result == Z_STREAM_END);
  return out;
}

}  // namespace causeway::connectors::http
