#include "connectors/support/folder/digest.h"

#include <openssl/evp.h>

#include <array>

#include "engine/core/check.h"

namespace causeway::connectors::folder {

struct Digest::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                  &EVP_MD_CTX_free};
};

Digest::Digest() : state_(std::make_unique<State>()) {
  CHECK(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1);
}

Digest::~Digest() = default;

void Digest::add(std::string_view bytes) {
  CHECK(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

std::string Digest::hex() {
  std::array<unsigned char, 32> bytes{};
  CHECK(EVP_DigestFinal_ex(state_->context.get(), bytes.data(), nullptr) == 1);
  std::string text;
  for (const auto byte : bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

}  // namespace causeway::connectors::folder
