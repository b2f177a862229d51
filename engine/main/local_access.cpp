#include "engine/main/local_access.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/api/json_text.h"
#include "engine/config/value.h"
#include "engine/store/sealing/secret.h"

namespace causeway {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_bytes_max = 4096;

fs::path file_in(const fs::path& data_folder) {
  return data_folder / "run" / "api.json";
}

/// A whole file or none: written beside it, then put in its place.
Status write_private(const fs::path& path, std::string_view text) {
  const auto beside = path.string() + ".new";
  ::unlink(beside.c_str());
  const int fd = ::open(beside.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) return Error{ErrorKind::Unavailable, beside, "can't be written"};
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  if (!written || ::rename(beside.c_str(), path.c_str()) != 0)
    return Error{ErrorKind::Unavailable, path.string(), "can't be written"};
  return Done{};
}

}  // namespace

std::string random_token() {
  std::string text;
  const auto secret = store::Secret::random();
  for (const char c : secret.view()) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

Status write_local_access(const fs::path& data_folder, const LocalAccess& access) {
  const auto path = file_in(data_folder);
  std::error_code failed;
  if (fs::create_directories(path.parent_path(), failed))
    fs::permissions(path.parent_path(), fs::perms::owner_all, failed);
  api::JsonText json;
  json.begin_object().member("url", access.url).member("token", access.token).end_object();
  return write_private(path, json.take() + "\n");
}

Result<LocalAccess> read_local_access(const fs::path& data_folder) {
  const auto path = file_in(data_folder);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return Error{ErrorKind::NotFound, path.string(), "no engine runs here"};
  std::string text(file_bytes_max, '\0');
  const auto size = ::read(fd, text.data(), text.size());
  ::close(fd);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  auto value = config::parse_json(text, path.string());
  if (!value) return value.error();
  const auto* url = value->find("url");
  const auto* token = value->find("token");
  if (!url || !url->string() || !token || !token->string())
    return Error{ErrorKind::Invalid, path.string(), "has no url and token"};
  return LocalAccess{*url->string(), *token->string()};
}

void remove_local_access(const fs::path& data_folder) {
  std::error_code ignored;
  fs::remove(file_in(data_folder), ignored);
}

}  // namespace causeway
