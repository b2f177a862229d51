#include "engine/main/channels_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace causeway {
namespace fs = std::filesystem;

ChannelsFolder::ChannelsFolder(fs::path path, int descriptor)
    : path_(std::move(path)), descriptor_(descriptor) {}

ChannelsFolder::ChannelsFolder(ChannelsFolder&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

ChannelsFolder::~ChannelsFolder() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<ChannelsFolder> ChannelsFolder::open(const fs::path& folder) {
  std::error_code error;
  auto path = fs::canonical(folder, error);
  if (error) return Error{ErrorKind::NotFound, folder.string(), error.message()};
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return Error{ErrorKind::Unavailable, path.string(), std::strerror(errno)};
  return ChannelsFolder(std::move(path), descriptor);
}

Result<ChannelsFolder::Reachable> ChannelsFolder::reach(const fs::path& data_folder,
                                                        std::string_view name) const {
  if (::access(path_.c_str(), R_OK | X_OK) == 0) return Reachable{path_, false};
  const fs::path copy = data_folder / name;
  std::error_code error;
  fs::remove_all(copy, error);
  // By the open descriptor: the way to the folder is closed, the folder itself is not. The slash
  // goes through the link.
  const auto opened = fs::path("/proc/self/fd") / std::to_string(descriptor_) / "";
  if (!error)
    fs::copy(opened, copy, fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
  if (error)
    return Error{
        ErrorKind::Unavailable, path_.string(),
        "can't be reached, and can't be copied to " + copy.string() + ": " + error.message()};
  return Reachable{copy, true};
}

}  // namespace causeway
