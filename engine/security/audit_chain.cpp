#include "engine/security/audit_chain.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>

#include "engine/core/check.h"

namespace causeway::security {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t signature_bytes = 64;
constexpr std::string_view head_word = "causeway-audit-head";
constexpr std::string_view restore_word = "causeway-audit-restore";

void add_number(std::string& to, std::int64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8)
    to += static_cast<char>(static_cast<std::uint64_t>(number) >> shift);
}

void add_text(std::string& to, std::string_view text) {
  add_number(to, static_cast<std::int64_t>(text.size()));
  to += text;
}

std::int64_t microseconds(SystemTime at) {
  return at.time_since_epoch().count();
}

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char each : bytes) {
    text += digits[static_cast<unsigned char>(each) >> 4];
    text += digits[static_cast<unsigned char>(each) & 15];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view text, std::size_t bytes) {
  if (text.size() != 2 * bytes) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned value = 0;
    const auto read = std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    if (read.ec != std::errc() || read.ptr != text.data() + i + 2) return std::nullopt;
    out += static_cast<char>(value);
  }
  return out;
}

/// What is signed: everything but the signature.
std::string signed_part(const AuditHead& head) {
  std::string text(head.restore ? restore_word : head_word);
  for (const auto number :
       {static_cast<std::int64_t>(head.node.value), head.seq, microseconds(head.at)})
    text.append(1, ' ').append(std::to_string(number));
  for (const auto* bytes : {&head.hash, &head.public_key}) text.append(1, ' ').append(hex(*bytes));
  return text;
}

std::string_view take_word(std::string_view& rest) {
  const auto end = rest.find(' ');
  const auto word = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return word;
}

template <class Number>
bool read_number(std::string_view word, Number& number) {
  const auto read = std::from_chars(word.data(), word.data() + word.size(), number);
  return read.ec == std::errc() && read.ptr == word.data() + word.size();
}

struct KeyFree {
  void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
};
struct ContextFree {
  void operator()(EVP_MD_CTX* context) const { ::EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyFree>;
using Context = std::unique_ptr<EVP_MD_CTX, ContextFree>;

const unsigned char* unsigned_bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Result<std::string> read_key(int fd, const std::filesystem::path& file) {
  struct stat about {};
  if (::fstat(fd, &about) != 0 || (about.st_mode & 077) != 0)
    return Error{ErrorKind::NotPermitted, file.string(), "others than its owner may read this key"};
  char seed[key_bytes + 1];
  if (::read(fd, seed, sizeof seed) != static_cast<ssize_t>(key_bytes))
    return Error{ErrorKind::Invalid, file.string(), "is no key of 32 bytes"};
  return std::string(seed, key_bytes);
}

Status make_key(const std::filesystem::path& file) {
  std::string seed(key_bytes, '\0');
  CHECK(::RAND_bytes(reinterpret_cast<unsigned char*>(seed.data()), key_bytes) == 1);
  const int fd = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) return Error{ErrorKind::Unavailable, file.string(), "can't be made"};
  const bool good = ::write(fd, seed.data(), seed.size()) == static_cast<ssize_t>(seed.size()) &&
                    ::fsync(fd) == 0;
  ::close(fd);
  if (!good) return Error{ErrorKind::Unavailable, file.string(), "can't be written"};
  return Done{};
}

}  // namespace

std::string first_hash() {
  return std::string(SHA256_DIGEST_LENGTH, '\0');
}

std::string chain_hash(const std::string& before, const AuditRow& row) {
  std::string all;
  add_text(all, before);
  add_number(all, row.node.value);
  add_number(all, row.seq);
  add_number(all, microseconds(row.at));
  for (const auto* text : {&row.actor, &row.proof, &row.peer, &row.action, &row.channel,
                           &row.target, &row.outcome, &row.detail})
    add_text(all, *text);
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  ::SHA256(unsigned_bytes(all), all.size(), reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

std::string head_line(const AuditHead& head) {
  return signed_part(head) + " " + hex(head.signature);
}

std::optional<AuditHead> parse_head(std::string_view line) {
  AuditHead head;
  std::int64_t at = 0;
  const auto word = take_word(line);
  head.restore = word == restore_word;
  if ((word != head_word && !head.restore) || !read_number(take_word(line), head.node.value) ||
      !read_number(take_word(line), head.seq) || !read_number(take_word(line), at))
    return std::nullopt;
  head.at = SystemTime(std::chrono::microseconds(at));
  auto hash = from_hex(take_word(line), SHA256_DIGEST_LENGTH);
  auto public_key = from_hex(take_word(line), key_bytes);
  auto signature = from_hex(take_word(line), signature_bytes);
  if (!hash || !public_key || !signature || !line.empty()) return std::nullopt;
  head.hash = std::move(*hash);
  head.public_key = std::move(*public_key);
  head.signature = std::move(*signature);
  return head;
}

bool is_signed(const AuditHead& head) {
  const Key key(::EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, unsigned_bytes(head.public_key), head.public_key.size()));
  const Context context(::EVP_MD_CTX_new());
  if (!key || ::EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1)
    return false;
  const auto text = signed_part(head);
  return ::EVP_DigestVerify(context.get(), unsigned_bytes(head.signature), head.signature.size(),
                            unsigned_bytes(text), text.size()) == 1;
}

struct AuditKey::State {
  Key key;
};

AuditKey::AuditKey(std::unique_ptr<State> state) : state_(std::move(state)) {
  public_key_.resize(key_bytes);
  std::size_t size = key_bytes;
  CHECK(::EVP_PKEY_get_raw_public_key(
            state_->key.get(), reinterpret_cast<unsigned char*>(public_key_.data()), &size) == 1);
}

AuditKey::~AuditKey() = default;

Result<std::unique_ptr<AuditKey>> AuditKey::open(const std::filesystem::path& file) {
  int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (auto made = make_key(file); !made) return made.error();
    fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return Error{ErrorKind::Unavailable, file.string(), "can't be read"};
  }
  auto seed = read_key(fd, file);
  ::close(fd);
  if (!seed) return seed.error();
  auto state = std::make_unique<State>();
  state->key.reset(::EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, unsigned_bytes(*seed),
                                                  seed->size()));
  ::OPENSSL_cleanse(seed->data(), seed->size());
  if (!state->key) return Error{ErrorKind::Internal, file.string(), "OpenSSL refuses this key"};
  return std::unique_ptr<AuditKey>(new AuditKey(std::move(state)));
}

void AuditKey::sign(AuditHead& head) const {
  head.public_key = public_key_;
  const auto text = signed_part(head);
  const Context context(::EVP_MD_CTX_new());
  CHECK(::EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) == 1);
  head.signature.resize(signature_bytes);
  std::size_t size = signature_bytes;
  CHECK(::EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(head.signature.data()),
                         &size, unsigned_bytes(text), text.size()) == 1);
}

}  // namespace causeway::security
