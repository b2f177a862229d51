#include "engine/main/authoring/write_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace causeway {

Status write_file(const std::filesystem::path& path, std::string_view text) {
  std::error_code failed;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failed);
  if (failed) return Error{ErrorKind::Unavailable, path.string(), failed.message()};
  auto beside = path;
  beside += "." + std::to_string(::getpid()) + ".new";
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) return Error{ErrorKind::Unavailable, path.string(), std::strerror(errno)};
  std::filesystem::rename(beside, path, failed);
  if (failed) return Error{ErrorKind::Unavailable, path.string(), failed.message()};
  return Done{};
}

}  // namespace causeway
