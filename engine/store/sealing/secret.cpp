#include "engine/store/sealing/secret.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "engine/core/check.h"

namespace causeway::store {

Secret::Secret(std::string_view text) {
  CHECK(text.size() >= bytes);
  std::copy_n(text.begin(), bytes, data_.begin());
}

Secret::~Secret() {
  OPENSSL_cleanse(data_.data(), data_.size());
}

Secret Secret::random() {
  Secret secret;
  CHECK(RAND_priv_bytes(secret.data(), static_cast<int>(bytes)) == 1);
  return secret;
}

}  // namespace causeway::store
