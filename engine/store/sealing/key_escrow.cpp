#include "engine/store/sealing/key_escrow.h"

#include <openssl/evp.h>

#include <charconv>

#include "engine/store/sealing/aes_gcm.h"

namespace causeway::store {
namespace {

constexpr std::string_view first_line = "causeway master keys 1";
constexpr std::string_view salt_word = "salt ";
constexpr std::string_view key_word = "key ";
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t sealed_bytes = Secret::bytes + gcm_tag_bytes;
constexpr std::uint64_t scrypt_n = 1 << 17;
constexpr std::uint64_t scrypt_memory_max = 256 * 1024 * 1024;
constexpr KeyId any_key{1};  // each context here is used with one key

Error no_escrow(const char* why) {
  return {ErrorKind::Invalid, "", std::string("this is no file of escrowed master keys: ") + why};
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += digits[value >> 4];
    text += digits[value & 15];
  }
  return text;
}

/// Empty: these are not so many bytes in hex.
std::string from_hex(std::string_view text, std::size_t bytes) {
  if (text.size() != 2 * bytes) return {};
  std::string result;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(&text[i], &text[i] + 2, value, 16);
    if (error != std::errc() || end != &text[i] + 2) return {};
    result.push_back(static_cast<char>(value));
  }
  return result;
}

std::string_view take(std::string_view& rest, char until) {
  const auto part = rest.substr(0, rest.find(until));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return part;
}

Result<Secret> passphrase_key(std::string_view passphrase, std::string_view salt) {
  Secret key;
  if (EVP_PBE_scrypt(passphrase.data(), passphrase.size(),
                     reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), scrypt_n, 8,
                     1, scrypt_memory_max, key.data(), Secret::bytes) != 1)
    return Error{ErrorKind::Internal, "", "scrypt failed: is there 128 MiB of free memory?"};
  return key;
}

std::string associated(std::string_view salt, int number) {
  std::string data(first_line);
  data.append(salt).append(std::to_string(number));
  return data;
}

Result<Escrow::Key> parse_key(std::string_view line) {
  Escrow::Key key;
  line.remove_prefix(key_word.size());
  const auto number = take(line, ' ');
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), key.number);
  if (error != std::errc() || end != number.data() + number.size() || key.number < 1)
    return no_escrow("a key without its number");
  key.nonce = from_hex(take(line, ' '), gcm_nonce_bytes);
  key.sealed = from_hex(line, sealed_bytes);
  if (key.nonce.empty() || key.sealed.empty()) return no_escrow("a key is cut short or altered");
  return key;
}

}  // namespace

Result<std::string> seal_escrow(const std::vector<MasterKey>& keys, std::string_view passphrase) {
  if (passphrase.size() < passphrase_bytes_min)
    return Error{ErrorKind::Invalid, "passphrase",
                 "must have at least " + std::to_string(passphrase_bytes_min) + " characters"};
  const auto salt = random_bytes(salt_bytes);
  auto wrapping = passphrase_key(passphrase, salt);
  if (!wrapping) return wrapping.error();
  AesGcm gcm;
  gcm.use_key(any_key, *wrapping);
  std::string text;
  text.append(first_line).append("\n").append(salt_word).append(hex(salt)).append("\n");
  for (const auto& key : keys) {
    const auto nonce = random_bytes(gcm_nonce_bytes);
    std::string sealed(sealed_bytes, '\0');
    gcm.encrypt({nonce, associated(salt, key.number)}, key.secret.view(), sealed.data());
    text.append(key_word).append(std::to_string(key.number)).append(" ");
    text.append(hex(nonce)).append(" ").append(hex(sealed)).append("\n");
  }
  return text;
}

Result<Escrow> parse_escrow(std::string_view text) {
  if (text.size() > escrow_bytes_max) return no_escrow("it is too long");
  if (take(text, '\n') != first_line) return no_escrow("it begins with other words");
  Escrow escrow;
  auto line = take(text, '\n');
  if (!line.starts_with(salt_word)) return no_escrow("its salt is missing");
  escrow.salt = from_hex(line.substr(salt_word.size()), salt_bytes);
  if (escrow.salt.empty()) return no_escrow("its salt is altered");
  while (!text.empty()) {
    line = take(text, '\n');
    if (!line.starts_with(key_word)) return no_escrow("a line that is no key");
    auto key = parse_key(line);
    if (!key) return key.error();
    const bool in_order = escrow.keys.empty() || escrow.keys.back().number < key->number;
    if (!in_order || escrow.keys.size() == escrow_keys_max)
      return no_escrow("keys out of order, or too many");
    escrow.keys.push_back(std::move(*key));
  }
  if (escrow.keys.empty()) return no_escrow("it has no key");
  return escrow;
}

Result<std::vector<MasterKey>> open_escrow(std::string_view text, std::string_view passphrase) {
  auto escrow = parse_escrow(text);
  if (!escrow) return escrow.error();
  auto wrapping = passphrase_key(passphrase, escrow->salt);
  if (!wrapping) return wrapping.error();
  AesGcm gcm;
  gcm.use_key(any_key, *wrapping);
  std::vector<MasterKey> keys;
  for (const auto& key : escrow->keys) {
    Secret secret;
    if (!gcm.decrypt({key.nonce, associated(escrow->salt, key.number)}, key.sealed,
                     reinterpret_cast<char*>(secret.data())))
      return Error{ErrorKind::Damaged, "", "another passphrase, or the file has been altered"};
    keys.push_back({key.number, fingerprint_of(secret), secret});
  }
  return keys;
}

}  // namespace causeway::store
