#include "engine/store/sealing/compression.h"

#include <zstd.h>

#include "engine/core/check.h"

namespace causeway::store {
namespace {

constexpr int level = 1;
// Below these it doesn't pay: an acknowledgement of 120 bytes would get 13 bytes smaller for 2.3
// µs.
constexpr std::size_t compressible_bytes_min = 200;
constexpr std::size_t compressible_beside_dictionary_bytes_min = 48;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

Error damaged(const char* why) {
  return {ErrorKind::Damaged, "", std::string("sealed content doesn't expand: ") + why};
}

}  // namespace

struct Compression::Contexts {
  std::unique_ptr<ZSTD_CCtx, FreeContext> compress{ZSTD_createCCtx()};
  std::unique_ptr<ZSTD_DCtx, FreeContext> expand{ZSTD_createDCtx()};
  std::string buffer;
};

Compression::Compression() : contexts_(std::make_unique<Contexts>()) {
  CHECK(contexts_->compress && contexts_->expand);
  ZSTD_CCtx_setParameter(contexts_->compress.get(), ZSTD_c_compressionLevel, level);
}

Compression::~Compression() = default;
Compression::Compression(Compression&&) noexcept = default;

std::string_view Compression::compress(std::string_view plain, std::string_view dictionary) {
  if (plain.size() <
      (dictionary.empty() ? compressible_bytes_min : compressible_beside_dictionary_bytes_min))
    return {};
  auto* context = contexts_->compress.get();
  // The checksum is what notices a wrong dictionary; without one, the tag of the seal is enough.
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, dictionary.empty() ? 0 : 1);
  ZSTD_CCtx_refPrefix(context, dictionary.data(), dictionary.size());
  auto& buffer = contexts_->buffer;
  if (buffer.size() < plain.size()) buffer.resize(plain.size());
  // With less room than the plain bytes take, zstd gives up where it doesn't help.
  const auto size =
      ZSTD_compress2(context, buffer.data(), plain.size() - 1, plain.data(), plain.size());
  if (ZSTD_isError(size)) {
    ZSTD_CCtx_reset(context, ZSTD_reset_session_only);
    return {};
  }
  return {buffer.data(), size};
}

Result<std::string> Compression::expand(std::string_view packed, std::string_view dictionary,
                                        std::size_t bytes_max) {
  const auto size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN)
    return damaged("it is no zstd frame with its size");
  if (size > bytes_max) return damaged("it is larger than the limit");
  std::string plain(size, '\0');
  const auto got =
      ZSTD_decompress_usingDict(contexts_->expand.get(), plain.data(), plain.size(), packed.data(),
                                packed.size(), dictionary.data(), dictionary.size());
  if (ZSTD_isError(got)) return damaged(ZSTD_getErrorName(got));
  if (got != size) return damaged("its size is another");
  return plain;
}

}  // namespace causeway::store
