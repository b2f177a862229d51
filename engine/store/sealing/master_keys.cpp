#include "engine/store/sealing/master_keys.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "engine/core/check.h"
#include "engine/store/sealing/sealed_secrets.h"

namespace causeway::store {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view name_start = "master-";
constexpr std::string_view name_end = ".key";
constexpr int keys_max = 1'000'000;

Error system_error(const fs::path& path, const std::string& what) {
  return {ErrorKind::Unavailable, path.string(), what + ": " + strerror(errno)};
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  const int fd_;
};

Status sync_folder(const fs::path& folder) {
  File file(folder, O_RDONLY | O_DIRECTORY);
  if (!file.is_open() || ::fsync(file.fd()) != 0) return system_error(folder, "cannot be synced");
  return Done{};
}

/// The N of "master-N.key"; 0: it is another file.
int number_of(std::string_view name) {
  if (!name.starts_with(name_start) || !name.ends_with(name_end)) return 0;
  name.remove_prefix(name_start.size());
  name.remove_suffix(std::min(name.size(), name_end.size()));
  int number = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool whole = error == std::errc() && end == name.data() + name.size();
  return whole && number > 0 && number < keys_max ? number : 0;
}

fs::path path_of(const fs::path& folder, int number) {
  return folder / (std::string(name_start) + std::to_string(number) + std::string(name_end));
}

Result<Secret> read_key(const fs::path& path) {
  File file(path, O_RDONLY | O_NOFOLLOW);
  if (!file.is_open()) return system_error(path, "the master key cannot be read");
  struct stat info {};
  if (::fstat(file.fd(), &info) != 0) return system_error(path, "the master key cannot be read");
  if ((info.st_mode & 077) != 0)
    return Error{
        ErrorKind::NotPermitted, path.string(),
        "the master key may be read by others than its owner: chmod 600 it, and rotate the "
        "master key if somebody may have read it"};
  Secret secret;
  if (!S_ISREG(info.st_mode) || info.st_size != static_cast<off_t>(Secret::bytes) ||
      ::read(file.fd(), secret.data(), Secret::bytes) != static_cast<ssize_t>(Secret::bytes))
    return Error{ErrorKind::Invalid, path.string(), "the master key is not a file of 32 bytes"};
  return secret;
}

/// Durable under its name, or not there at all. A file of this name that exists already is left
/// as it is: another process made it.
Status write_key(const fs::path& folder, int number, const Secret& secret) {
  const fs::path path = path_of(folder, number);
  std::string draft = path.string() + ".new-XXXXXX";
  const File file(::mkostemp(draft.data(), O_CLOEXEC));
  if (!file.is_open()) return system_error(draft, "the master key cannot be made");
  const bool written =
      ::write(file.fd(), secret.data(), Secret::bytes) == static_cast<ssize_t>(Secret::bytes) &&
      ::fsync(file.fd()) == 0;
  const bool linked = written && (::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const Error failure = system_error(path, "the master key cannot be written");
  ::unlink(draft.c_str());
  if (!linked) return failure;
  return sync_folder(folder);
}

}  // namespace

Fingerprint fingerprint_of(const Secret& secret) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest;
  CHECK(EVP_Digest(secret.data(), Secret::bytes, digest.data(), nullptr, EVP_sha256(), nullptr) ==
        1);
  return static_cast<Fingerprint>(digest[0]) << 24 | static_cast<Fingerprint>(digest[1]) << 16 |
         static_cast<Fingerprint>(digest[2]) << 8 | digest[3];
}

std::string fingerprint_text(Fingerprint fingerprint) {
  char name[9];
  std::snprintf(name, sizeof name, "%08x", fingerprint);
  return name;
}

struct MasterKeys::Lock::Held {
  explicit Held(const fs::path& path) : file(path, O_RDWR | O_CREAT) {}
  File file;
};

MasterKeys::Lock::Lock(std::unique_ptr<Held> held) : held_(std::move(held)) {}
MasterKeys::Lock::Lock(Lock&&) noexcept = default;
MasterKeys::Lock::~Lock() = default;

Result<std::unique_ptr<MasterKeys>> MasterKeys::open(fs::path folder, Missing missing) {
  if (::mkdir(folder.c_str(), 0700) == 0) {
    if (auto synced = sync_folder(folder.parent_path()); !synced) return synced.error();
  } else if (errno != EEXIST) {
    return system_error(folder, "the folder of the master keys cannot be made");
  }
  std::unique_ptr<MasterKeys> keys(new MasterKeys(std::move(folder)));
  if (auto read = keys->read_folder(); !read) return read.error();
  if (keys->keys_.empty() && missing == Missing::Make)
    if (auto added = keys->add(); !added) return added.error();
  return keys;
}

Status MasterKeys::read_folder() {
  std::map<int, MasterKey> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    const int number = number_of(entry.path().filename().native());
    if (number == 0) continue;
    auto secret = read_key(entry.path());
    if (!secret) return secret.error();
    found[number] = {number, fingerprint_of(*secret), *secret};
  }
  if (error) return Error{ErrorKind::Unavailable, folder_.string(), error.message()};
  std::lock_guard guard(mutex_);
  keys_ = std::move(found);
  return Done{};
}

Result<MasterKeys::Lock> MasterKeys::lock(Use use) {
  auto held = std::make_unique<Lock::Held>(folder_ / "lock");
  if (!held->file.is_open()) return system_error(folder_ / "lock", "cannot be opened");
  if (::flock(held->file.fd(), use == Use::Wrap ? LOCK_SH : LOCK_EX) != 0)
    return system_error(folder_ / "lock", "cannot be locked");
  return Lock(std::move(held));
}

Result<MasterKey> MasterKeys::current() {
  if (auto read = read_folder(); !read) return read.error();
  std::lock_guard guard(mutex_);
  if (keys_.empty()) return Error{ErrorKind::NotFound, folder_.string(), "there is no master key"};
  return keys_.rbegin()->second;
}

Result<MasterKey> MasterKeys::find(Fingerprint fingerprint) {
  for (const bool again : {false, true}) {
    if (again)
      if (auto read = read_folder(); !read) return read.error();
    std::lock_guard guard(mutex_);
    for (const auto& [number, key] : keys_)
      if (key.fingerprint == fingerprint) return key;
  }
  return Error{ErrorKind::NotFound, folder_.string(),
               "the master key with fingerprint " + fingerprint_text(fingerprint) + " is not here"};
}

Result<std::vector<MasterKey>> MasterKeys::all() {
  if (auto read = read_folder(); !read) return read.error();
  std::lock_guard guard(mutex_);
  std::vector<MasterKey> found;
  for (const auto& [number, key] : keys_) found.push_back(key);
  return found;
}

Status MasterKeys::add(const Secret& secret) {
  int next = 1;
  {
    std::lock_guard guard(mutex_);
    if (!keys_.empty()) next = keys_.rbegin()->first + 1;
  }
  return write_key(folder_, next, secret);
}

Result<MasterKey> MasterKeys::add() {
  if (auto added = add(Secret::random()); !added) return added.error();
  return current();
}

Result<bool> MasterKeys::import(const Secret& secret) {
  if (find(fingerprint_of(secret))) return false;
  if (auto added = add(secret); !added) return added.error();
  if (auto read = read_folder(); !read) return read.error();
  return true;
}

Status MasterKeys::remove_old() {
  auto newest = current();
  if (!newest) return newest.error();
  const auto of_secrets = secrets_sealed_by(folder_.parent_path() / secrets_file);
  std::lock_guard guard(mutex_);
  for (auto key = keys_.begin(); std::next(key) != keys_.end();) {
    if (key->second.fingerprint == of_secrets) {
      ++key;  // until `causeway secret reseal`
      continue;
    }
    const fs::path path = path_of(folder_, key->first);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
      return system_error(path, "the old master key cannot be removed");
    key = keys_.erase(key);
  }
  return sync_folder(folder_);
}

}  // namespace causeway::store
