#include "connectors/dicom/staged_object.h"

#include <openssl/evp.h>

#include <optional>

#include "engine/core/check.h"
#include "engine/core/limits.h"

namespace causeway::connectors::dicom {
namespace {

std::string hexadecimal(std::string_view bytes) {
  static constexpr std::string_view letters = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += letters[value >> 4];
    text += letters[value & 0xF];
  }
  return text;
}

}  // namespace

struct StagedObject::State {
  explicit State(BodyStaging& to) : staging(to), digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    CHECK(digest && EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) == 1);
  }

  Status write(std::string_view bytes) {
    if (!writer) {
      auto begun = staging.begin();
      if (!begun) return begun.error();
      writer = std::move(*begun);
    }
    EVP_DigestUpdate(digest.get(), bytes.data(), bytes.size());
    while (!bytes.empty()) {
      const auto chunk = bytes.substr(0, limits::staged_chunk_bytes);
      if (auto appended = writer->append(chunk); !appended) return appended.error();
      bytes.remove_prefix(chunk.size());
    }
    return Done{};
  }

  BodyStaging& staging;
  std::unique_ptr<BodyStaging::Writer> writer;
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest;
  std::optional<Error> failed;
};

StagedObject::StagedObject(BodyStaging& staging) : state_(std::make_unique<State>(staging)) {}

StagedObject::~StagedObject() = default;

void StagedObject::append(std::string_view bytes) {
  if (state_->failed) return;
  auto written = state_->write(bytes);
  if (!written) state_->failed = written.error();
}

Result<StagedObject::Finished> StagedObject::finish() {
  if (state_->failed) return *state_->failed;
  CHECK(state_->writer);
  auto body = state_->writer->finish();
  if (!body) return body.error();
  std::string bytes(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_DigestFinal_ex(state_->digest.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size);
  bytes.resize(size);
  return Finished{std::move(*body), hexadecimal(bytes)};
}

}  // namespace causeway::connectors::dicom
