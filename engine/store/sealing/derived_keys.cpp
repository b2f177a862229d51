#include "engine/store/sealing/derived_keys.h"

#include <openssl/evp.h>

#include <mutex>

#include "engine/core/check.h"

namespace causeway::store {
namespace {

constexpr std::size_t block_bytes = 64;

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Digest = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

Digest keyed_digest(const Secret& key, std::uint8_t pad) {
  std::array<std::uint8_t, block_bytes> block;
  block.fill(pad);
  for (std::size_t i = 0; i < Secret::bytes; ++i)
    block[i] = static_cast<std::uint8_t>(block[i] ^ key.data()[i]);
  Digest digest(EVP_MD_CTX_new());
  CHECK(digest && EVP_DigestInit_ex2(digest.get(), EVP_sha256(), nullptr) == 1);
  CHECK(EVP_DigestUpdate(digest.get(), block.data(), block.size()) == 1);
  OPENSSL_cleanse(block.data(), block.size());
  return digest;
}

void finish(EVP_MD_CTX* scratch, const Digest& keyed, std::string_view input, Secret& out) {
  CHECK(EVP_MD_CTX_copy_ex(scratch, keyed.get()) == 1);
  CHECK(EVP_DigestUpdate(scratch, input.data(), input.size()) == 1);
  CHECK(EVP_DigestFinal_ex(scratch, out.data(), nullptr) == 1);
}

}  // namespace

// The two halves of an HMAC, with the key already taken in.
struct DerivedKeys::State {
  explicit State(const Secret& key)
      : inner(keyed_digest(key, 0x36)), outer(keyed_digest(key, 0x5C)) {}

  Secret hmac(std::string_view value) const {
    thread_local const Digest scratch(EVP_MD_CTX_new());
    Secret result;
    finish(scratch.get(), inner, value, result);
    finish(scratch.get(), outer, result.view(), result);
    return result;
  }

  Digest inner;
  Digest outer;
};

DerivedKeys::DerivedKeys(const Secret& root, std::string_view use)
    : family_(std::make_shared<State>(State(root).hmac(use))) {}

DerivedKeys::~DerivedKeys() = default;

std::uint64_t DerivedKeys::hash(std::string_view name, std::string_view value) const {
  const Secret full = state_of(name)->hmac(value);
  std::uint64_t cut = 0;
  for (int i = 0; i < 8; ++i) cut = cut << 8 | full.data()[i];
  return cut;
}

std::shared_ptr<const DerivedKeys::State> DerivedKeys::state_of(std::string_view name) const {
  {
    std::shared_lock lock(mutex_);
    if (auto found = states_.find(name); found != states_.end()) return found->second;
  }
  auto state = std::make_shared<const State>(family_->hmac(name));
  std::unique_lock lock(mutex_);
  if (states_.size() >= kept_max) states_.clear();
  return states_.try_emplace(std::string(name), std::move(state)).first->second;
}

}  // namespace causeway::store
