#include "engine/store/sealing/key_wrapping.h"

#include "engine/store/sealing/aes_gcm.h"
#include "engine/store/sealing/big_endian.h"

namespace causeway::store {
namespace {

constexpr char version = 1;
constexpr std::size_t fingerprint_at = 1;
constexpr std::size_t nonce_at = fingerprint_at + 4;
constexpr std::size_t cipher_at = nonce_at + gcm_nonce_bytes;
constexpr std::size_t wrapped_bytes = cipher_at + Secret::bytes + gcm_tag_bytes;

std::string associated(const KeyRow& row, Fingerprint master) {
  std::string data = "causeway data key";
  data.push_back(version);
  append_big_endian<4>(data, master);
  append_big_endian<4>(data, row.id.value);
  append_big_endian<2>(data, row.retention.value);
  append_big_endian<8>(data, row.day.time_since_epoch().count());
  return data;
}

// The contexts here are used once; any id will do.
constexpr KeyId any_key{1};

std::string key_name(const KeyRow& row) {
  return "data key " + std::to_string(row.id.value);
}

}  // namespace

std::string wrap_key(const KeyRow& row, const MasterKey& master, const Secret& secret) {
  std::string wrapped(1, version);
  append_big_endian<4>(wrapped, master.fingerprint);
  const std::string nonce = random_bytes(gcm_nonce_bytes);
  wrapped += nonce;
  wrapped.resize(wrapped_bytes);
  AesGcm gcm;
  gcm.use_key(any_key, master.secret);
  gcm.encrypt({nonce, associated(row, master.fingerprint)}, secret.view(), &wrapped[cipher_at]);
  return wrapped;
}

Result<Fingerprint> wrapped_by(const KeyRow& row) {
  const std::string_view wrapped = row.wrapped;
  if (wrapped.size() != wrapped_bytes || wrapped[0] != version)
    return Error{ErrorKind::Damaged, key_name(row), "is stored in an unknown form"};
  return static_cast<Fingerprint>(read_big_endian(wrapped.substr(fingerprint_at, 4)));
}

Result<Secret> unwrap_key(const KeyRow& row, const MasterKey& master) {
  const std::string_view wrapped = row.wrapped;
  if (wrapped.size() != wrapped_bytes || wrapped[0] != version)
    return Error{ErrorKind::Damaged, key_name(row), "is stored in an unknown form"};
  AesGcm gcm;
  gcm.use_key(any_key, master.secret);
  Secret secret;
  const std::string data = associated(row, master.fingerprint);
  if (!gcm.decrypt({wrapped.substr(nonce_at, gcm_nonce_bytes), data}, wrapped.substr(cipher_at),
                   reinterpret_cast<char*>(secret.data())))
    return Error{ErrorKind::Damaged, key_name(row), "does not unwrap: altered, or of another row"};
  return secret;
}

}  // namespace causeway::store
