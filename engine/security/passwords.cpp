#include "engine/security/passwords.h"

#include <argon2.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <set>

#include "engine/core/check.h"

namespace causeway::security {
namespace {

constexpr int at_once_max = 2;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t hash_bytes = 32;
constexpr std::size_t different_min = 5;
/// What people take where twelve characters are asked for.
constexpr std::string_view well_known[] = {
    "password", "passwort", "qwerty",   "qwertz",   "letmein", "welcome",  "123456",
    "changeme", "hospital", "causeway", "iloveyou", "abc123",  "admin123", "hl7admin"};

/// Each hash takes its memory: no crowd of log-ins may take the engine's.
class Turn {
 public:
  Turn() {
    std::unique_lock lock(mutex());
    changed().wait(lock, [] { return running() < at_once_max; });
    ++running();
  }
  ~Turn() {
    {
      std::lock_guard lock(mutex());
      --running();
    }
    changed().notify_one();
  }
  Turn(const Turn&) = delete;

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  static std::condition_variable& changed() {
    static std::condition_variable one;
    return one;
  }
  static int& running() {
    static int count = 0;
    return count;
  }
};

template <std::size_t Size>
std::array<unsigned char, Size> random_bytes() {
  std::array<unsigned char, Size> bytes{};
  CHECK(::RAND_bytes(bytes.data(), static_cast<int>(Size)) == 1);
  return bytes;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// What is left of it without the well-known words: "Password2026" is "2026".
std::string without_known(std::string text) {
  for (const auto word : well_known)
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word))
      text.erase(at, word.size());
  return text;
}

const std::string& hash_of_nothing() {
  static const std::string hash = hash_password(random_secret());
  return hash;
}

}  // namespace

Status check_password_policy(std::string_view password, std::string_view user_name) {
  const auto bad = [](std::string text) { return Error{ErrorKind::Invalid, "password", text}; };
  if (password.size() < password_bytes_min)
    return bad("needs at least " + std::to_string(password_bytes_min) + " characters");
  if (password.size() > password_bytes_max)
    return bad("has more than " + std::to_string(password_bytes_max) + " bytes");
  const auto text = lower(password);
  if (std::set<char>(text.begin(), text.end()).size() < different_min)
    return bad("repeats too few different characters");
  if (user_name.size() >= 3 && text.find(lower(user_name)) != std::string::npos)
    return bad("has the user's name in it");
  if (without_known(text).size() + 6 < password_bytes_min)
    return bad("is one of those that are tried first");
  return Done{};
}

std::string hash_password(std::string_view password) {
  const Turn turn;
  const auto salt = random_bytes<salt_bytes>();
  std::string encoded(::argon2_encodedlen(password_passes, password_memory_kib, 1, salt_bytes,
                                          hash_bytes, Argon2_id),
                      '\0');
  const int code = ::argon2id_hash_encoded(password_passes, password_memory_kib, 1, password.data(),
                                           password.size(), salt.data(), salt.size(), hash_bytes,
                                           encoded.data(), encoded.size());
  CHECK(code == ARGON2_OK);
  encoded.resize(encoded.find('\0'));
  return encoded;
}

bool password_matches(std::string_view password, const std::string& hash) {
  const bool any = !hash.empty();
  const auto& against = any ? hash : hash_of_nothing();
  const Turn turn;
  return ::argon2id_verify(against.c_str(), password.data(), password.size()) == ARGON2_OK && any;
}

std::string one_time_password() {
  static constexpr char letters[] = "abcdefghjkmnpqrstuvwxyz23456789_";
  std::string text;
  for (const auto byte : random_bytes<20>()) {
    if (!text.empty() && text.size() % 6 == 5) text += '-';
    text += letters[byte & 31];
  }
  return text;
}

std::string random_secret() {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : random_bytes<32>()) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

}  // namespace causeway::security
