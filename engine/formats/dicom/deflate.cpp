#include "engine/formats/dicom/deflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

#include "engine/core/check.h"

namespace causeway::dicom {
namespace {

constexpr int raw_window_bits = -15;  // no head, as large a window as any writer's
constexpr int memory_level = 8;
constexpr std::size_t buffer_bytes = 64 * 1024;

unsigned char* bytes_of(std::string_view text) {
  // zlib's input isn't const, but it writes nothing there.
  return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
}

uInt size_of(std::string_view text) {
  CHECK(text.size() <= std::numeric_limits<uInt>::max());
  return static_cast<uInt>(text.size());
}

}  // namespace

Result<std::string> inflate(std::string_view bytes, std::size_t bytes_max, bool may_be_cut) {
  z_stream stream{};
  CHECK(inflateInit2(&stream, raw_window_bits) == Z_OK);
  stream.next_in = bytes_of(bytes);
  stream.avail_in = size_of(bytes);
  std::string out;
  int state = Z_OK;
  std::array<unsigned char, buffer_bytes> buffer;
  while (state == Z_OK && out.size() < bytes_max) {
    stream.next_out = buffer.data();
    stream.avail_out = static_cast<uInt>(buffer.size());
    state = ::inflate(&stream, Z_NO_FLUSH);
    out.append(reinterpret_cast<const char*>(buffer.data()), buffer.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (may_be_cut || state == Z_STREAM_END) return out;
  if (state == Z_OK) return Error{ErrorKind::Limit, "data set", "too large when inflated"};
  return Error{ErrorKind::Invalid, "data set", "it can't be inflated"};
}

std::string deflate(std::string_view bytes) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, raw_window_bits, memory_level,
                     Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = bytes_of(bytes);
  stream.avail_in = size_of(bytes);
  stream.next_out = bytes_of(out);
  stream.avail_out = size_of(out);
  CHECK(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (out.size() % 2 != 0) out += '\0';
  return out;
}

}  // namespace causeway::dicom
