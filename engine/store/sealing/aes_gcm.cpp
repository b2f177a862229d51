#include "engine/store/sealing/aes_gcm.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "engine/core/check.h"

namespace causeway::store {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

struct AesGcm::Contexts {
  Context encrypt{EVP_CIPHER_CTX_new()};
  Context decrypt{EVP_CIPHER_CTX_new()};
  KeyId key;
};

AesGcm::AesGcm() : contexts_(std::make_unique<Contexts>()) {
  CHECK(contexts_->encrypt && contexts_->decrypt);
  const auto* cipher = EVP_aes_256_gcm();
  CHECK(EVP_EncryptInit_ex2(contexts_->encrypt.get(), cipher, nullptr, nullptr, nullptr) == 1);
  CHECK(EVP_DecryptInit_ex2(contexts_->decrypt.get(), cipher, nullptr, nullptr, nullptr) == 1);
}

AesGcm::~AesGcm() = default;
AesGcm::AesGcm(AesGcm&&) noexcept = default;

void AesGcm::use_key(KeyId id, const Secret& secret) {
  if (contexts_->key == id) return;
  auto* encrypt = contexts_->encrypt.get();
  auto* decrypt = contexts_->decrypt.get();
  CHECK(EVP_EncryptInit_ex2(encrypt, nullptr, secret.data(), nullptr, nullptr) == 1);
  CHECK(EVP_DecryptInit_ex2(decrypt, nullptr, secret.data(), nullptr, nullptr) == 1);
  contexts_->key = id;
}

void AesGcm::encrypt(Around around, std::string_view plain, char* out) {
  CHECK(contexts_->key && around.nonce.size() == gcm_nonce_bytes);
  auto* context = contexts_->encrypt.get();
  auto* target = reinterpret_cast<unsigned char*>(out);
  int length = 0;
  CHECK(EVP_EncryptInit_ex2(context, nullptr, nullptr, bytes_of(around.nonce), nullptr) == 1);
  CHECK(EVP_EncryptUpdate(context, nullptr, &length, bytes_of(around.associated),
                          static_cast<int>(around.associated.size())) == 1);
  CHECK(EVP_EncryptUpdate(context, target, &length, bytes_of(plain),
                          static_cast<int>(plain.size())) == 1);
  int rest = 0;
  CHECK(EVP_EncryptFinal_ex(context, target + length, &rest) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, gcm_tag_bytes, target + plain.size()) ==
        1);
}

bool AesGcm::decrypt(Around around, std::string_view sealed, char* out) {
  CHECK(contexts_->key && around.nonce.size() == gcm_nonce_bytes);
  if (sealed.size() < gcm_tag_bytes) return false;
  const auto cipher = sealed.substr(0, sealed.size() - gcm_tag_bytes);
  std::string tag(sealed.substr(cipher.size()));
  auto* context = contexts_->decrypt.get();
  auto* target = reinterpret_cast<unsigned char*>(out);
  int length = 0;
  CHECK(EVP_DecryptInit_ex2(context, nullptr, nullptr, bytes_of(around.nonce), nullptr) == 1);
  CHECK(EVP_DecryptUpdate(context, nullptr, &length, bytes_of(around.associated),
                          static_cast<int>(around.associated.size())) == 1);
  CHECK(EVP_DecryptUpdate(context, target, &length, bytes_of(cipher),
                          static_cast<int>(cipher.size())) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, gcm_tag_bytes, tag.data()) == 1);
  int rest = 0;
  const bool authentic = EVP_DecryptFinal_ex(context, target + length, &rest) == 1;
  if (!authentic) OPENSSL_cleanse(out, cipher.size());
  return authentic;
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1);
  return bytes;
}

}  // namespace causeway::store
