#include "engine/store/sealing/sealed_secrets.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/config/text_file.h"
#include "engine/store/sealing/aes_gcm.h"
#include "engine/store/sealing/big_endian.h"

namespace causeway::store {
namespace {

constexpr char version = 1;
constexpr std::size_t fingerprint_at = 1;
constexpr std::size_t nonce_at = fingerprint_at + 4;
constexpr std::size_t cipher_at = nonce_at + gcm_nonce_bytes;
constexpr std::size_t file_bytes_max = 64 * 1024 * 1024;
constexpr KeyId any_key{1};  // the contexts here are used once

Error system_error(const std::filesystem::path& path) {
  return {ErrorKind::Unavailable, path.string(), std::strerror(errno)};
}

std::string associated(Fingerprint master) {
  std::string data = "causeway secrets";
  data.push_back(version);
  append_big_endian<4>(data, master);
  return data;
}

/// Plain values are wiped from memory when they go.
class Wiped {
 public:
  explicit Wiped(std::string text) : text_(std::move(text)) {}
  ~Wiped() { OPENSSL_cleanse(text_.data(), text_.size()); }
  Wiped(const Wiped&) = delete;
  std::string& text() { return text_; }

 private:
  std::string text_;
};

/// Held while the file is changed.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& path)
      : descriptor_(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {}
  ~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  FileLock(const FileLock&) = delete;
  bool hold() const { return descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) == 0; }

 private:
  int descriptor_;
};

Status write_durably(const std::filesystem::path& path, std::string_view bytes) {
  const auto beside = path.string() + ".new";
  const int file = ::open(beside.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return system_error(path);
  bool good = true;
  while (good && !bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    good = written > 0 || (written < 0 && errno == EINTR);
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  good = good && ::fsync(file) == 0;
  ::close(file);
  if (!good || ::rename(beside.c_str(), path.c_str()) != 0) return system_error(path);
  const int folder = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return system_error(path);
  good = ::fsync(folder) == 0;
  ::close(folder);
  return good ? Status(Done{}) : Status(system_error(path));
}

Error damaged() {
  return {ErrorKind::Damaged, "", "the secrets are stored in an unknown form"};
}

/// Takes numbers and texts off the front of bytes.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number(std::size_t bytes) {
    const auto part = text(bytes);
    return good_ ? static_cast<std::uint64_t>(read_big_endian(part)) : 0;
  }
  std::string_view text(std::size_t bytes) {
    if (bytes > rest_.size()) good_ = false;
    if (!good_) return {};
    const auto part = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return part;
  }
  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::optional<Fingerprint> secrets_sealed_by(const std::filesystem::path& file) {
  const auto bytes = config::read_text_file(file, file_bytes_max);
  if (!bytes || bytes->size() < cipher_at || (*bytes)[0] != version) return std::nullopt;
  return static_cast<Fingerprint>(
      read_big_endian(std::string_view(*bytes).substr(fingerprint_at, 4)));
}

std::string write_secret_entries(const SecretEntries& entries) {
  std::string out;
  for (const auto& [name, entry] : entries) {
    append_big_endian<2>(out, name.size());
    out += name;
    append_big_endian<8>(out, entry.set_at_ms);
    append_big_endian<4>(out, entry.value.size());
    out += entry.value;
  }
  return out;
}

Result<SecretEntries> read_secret_entries(std::string_view bytes) {
  Reader reader(bytes);
  SecretEntries entries;
  while (reader.good() && !reader.at_end()) {
    std::string name(reader.text(reader.number(2)));
    SecretEntry entry;
    entry.set_at_ms = static_cast<std::int64_t>(reader.number(8));
    entry.value = reader.text(reader.number(4));
    if (reader.good()) entries.emplace(std::move(name), std::move(entry));
  }
  if (!reader.good()) return damaged();
  return entries;
}

Result<SecretEntries> SealedSecrets::read() const {
  auto bytes = config::read_text_file(file_, file_bytes_max);
  if (!bytes && bytes.error().kind == ErrorKind::NotFound) return SecretEntries{};
  if (!bytes) return bytes.error();
  const std::string_view sealed = *bytes;
  if (sealed.size() < cipher_at + gcm_tag_bytes || sealed[0] != version) return damaged();
  const auto fingerprint =
      static_cast<Fingerprint>(read_big_endian(sealed.substr(fingerprint_at, 4)));
  auto master = masters_.find(fingerprint);
  if (!master) return master.error();
  AesGcm gcm;
  gcm.use_key(any_key, master->secret);
  Wiped plain(std::string(sealed.size() - cipher_at - gcm_tag_bytes, '\0'));
  if (!gcm.decrypt({sealed.substr(nonce_at, gcm_nonce_bytes), associated(fingerprint)},
                   sealed.substr(cipher_at), plain.text().data()))
    return Error{ErrorKind::Damaged, file_.string(), "doesn't open: altered, or another's"};
  return read_secret_entries(plain.text());
}

Status SealedSecrets::write(const SecretEntries& entries) {
  auto master = masters_.current();
  if (!master) return master.error();
  std::string sealed(1, version);
  append_big_endian<4>(sealed, master->fingerprint);
  const auto nonce = random_bytes(gcm_nonce_bytes);
  sealed += nonce;
  Wiped plain(write_secret_entries(entries));
  sealed.resize(cipher_at + plain.text().size() + gcm_tag_bytes);
  AesGcm gcm;
  gcm.use_key(any_key, master->secret);
  gcm.encrypt({nonce, associated(master->fingerprint)}, plain.text(), &sealed[cipher_at]);
  return write_durably(file_, sealed);
}

Status SealedSecrets::change(const std::function<Status(SecretEntries&)>& change) {
  const FileLock file_lock(file_.string() + ".lock");
  if (!file_lock.hold()) return system_error(file_);
  auto master_lock = masters_.lock(MasterKeys::Use::Wrap);
  if (!master_lock) return master_lock.error();
  auto entries = read();
  if (!entries) return entries.error();
  if (auto changed = change(*entries); !changed) return changed;
  return write(*entries);
}

Result<std::string> SealedSecrets::value(std::string_view name) const {
  auto entries = read();
  if (!entries) return entries.error();
  const auto found = entries->find(name);
  if (found != entries->end()) return std::move(found->second.value);
  return Error{ErrorKind::NotFound, "secret:" + std::string(name),
               "there is no such secret here; causeway secret set " + std::string(name)};
}

Result<std::map<std::string, std::int64_t>> SealedSecrets::names() const {
  auto entries = read();
  if (!entries) return entries.error();
  std::map<std::string, std::int64_t> names;
  for (const auto& [name, entry] : *entries) names.emplace(name, entry.set_at_ms);
  return names;
}

Status SealedSecrets::set(const std::string& name, std::string value, std::int64_t now_ms) {
  if (value.size() > secret_bytes_max)
    return Error{ErrorKind::Limit, "secret:" + name,
                 "longer than " + std::to_string(secret_bytes_max) + " bytes"};
  return change([&](SecretEntries& entries) -> Status {
    if (entries.size() >= secrets_max && !entries.contains(name))
      return Error{ErrorKind::Limit, "secret:" + name,
                   "there are " + std::to_string(secrets_max) + " already"};
    entries[name] = {std::move(value), now_ms};
    return Done{};
  });
}

Status SealedSecrets::remove(const std::string& name) {
  return change([&](SecretEntries& entries) -> Status {
    if (entries.erase(name) > 0) return Done{};
    return Error{ErrorKind::NotFound, "secret:" + name, "there is no such secret here"};
  });
}

Status SealedSecrets::reseal() {
  return change([](SecretEntries&) { return Status(Done{}); });
}

}  // namespace causeway::store
