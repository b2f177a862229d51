#include "engine/store/backup/checksums.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <memory>
#include <vector>

namespace causeway::store {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t digest_digits = 64;
constexpr std::size_t read_bytes = 1024 * 1024;

std::string hex(const unsigned char* bytes, unsigned count) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < count; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

Result<std::string> digest_of(const fs::path& path) {
  const Error unreadable{ErrorKind::Unavailable, path.string(), "cannot be read"};
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  std::vector<char> buffer(read_bytes);
  bool good = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  while (good && file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    good = EVP_DigestUpdate(context.get(), buffer.data(),
                            static_cast<std::size_t>(file.gcount())) == 1;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (!good || file.bad() || EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1)
    return unreadable;
  return hex(digest.data(), size);
}

Error no_checksums(const std::string& why) {
  return {ErrorKind::Invalid, checksums_name, why};
}

bool inside(const std::string& name) {
  const fs::path path(name);
  if (name.empty() || path.is_absolute()) return false;
  for (const auto& part : path)
    if (part == "..") return false;
  return true;
}

Error damaged(const fs::path& folder, const std::string& name, const char* how) {
  return {ErrorKind::Damaged, (folder / name).string(), how};
}

Status sync_all(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::syncfs(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!synced) return Error{ErrorKind::Unavailable, folder.string(), "cannot be synced"};
  return Done{};
}

}  // namespace

Result<Checksums> parse_checksums(std::string_view text) {
  Checksums sums;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto digest = line.substr(0, digest_digits);
    if (digest.size() != digest_digits ||
        digest.find_first_not_of("0123456789abcdef") != std::string_view::npos ||
        line.substr(digest_digits, 2) != "  ")
      return no_checksums("a line that is no digest and name");
    std::string name(line.substr(digest_digits + 2));
    if (!inside(name)) return no_checksums("a name that is not inside the backup");
    if (!sums.emplace(std::move(name), std::string(digest)).second)
      return no_checksums("a name twice");
  }
  if (sums.empty()) return no_checksums("it is empty");
  return sums;
}

Result<Checksums> checksums_of(const fs::path& folder) {
  Checksums sums;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_directory()) continue;
    const auto name = entry->path().lexically_relative(folder).string();
    if (name == checksums_name) continue;
    if (!entry->is_regular_file() || entry->is_symlink() || name.find('\n') != std::string::npos)
      return Error{ErrorKind::Invalid, entry->path().string(), "is no plain file"};
    auto digest = digest_of(entry->path());
    if (!digest) return digest.error();
    sums.emplace(name, *digest);
  }
  if (error) return Error{ErrorKind::Unavailable, folder.string(), error.message()};
  return sums;
}

Status write_checksums(const fs::path& folder) {
  auto sums = checksums_of(folder);
  if (!sums) return sums.error();
  if (auto synced = sync_all(folder); !synced) return synced;
  const auto draft = folder / "SHA256SUMS.new";
  {
    std::ofstream file(draft, std::ios::binary | std::ios::trunc);
    for (const auto& [name, digest] : *sums) file << digest << "  " << name << "\n";
    file.flush();
    if (!file) return Error{ErrorKind::Unavailable, draft.string(), "cannot be written"};
  }
  if (auto synced = sync_all(folder); !synced) return synced;
  std::error_code error;
  fs::rename(draft, folder / checksums_name, error);
  if (error) return Error{ErrorKind::Unavailable, draft.string(), error.message()};
  return sync_all(folder);
}

Status verify_checksums(const fs::path& folder) {
  const auto path = folder / checksums_name;
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error || size > checksums_bytes_max)
    return Error{ErrorKind::Invalid, path.string(),
                 "is not there, or too large: this is no complete backup"};
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  auto listed = parse_checksums(text);
  if (!listed) return Error{ErrorKind::Damaged, path.string(), listed.error().text};
  auto found = checksums_of(folder);
  if (!found) return found.error();
  for (const auto& [name, digest] : *listed) {
    const auto there = found->find(name);
    if (there == found->end()) return damaged(folder, name, "is missing from the backup");
    if (there->second != digest) return damaged(folder, name, "was altered after the backup");
    found->erase(there);
  }
  if (!found->empty())
    return damaged(folder, found->begin()->first, "is not of this backup: its digest is not kept");
  return Done{};
}

}  // namespace causeway::store
