#include "engine/main/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace causeway {

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
  const auto path = folder / "lock";
  FolderLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.fd_ < 0)
    return Error{ErrorKind::Unavailable, path.string(),
                 std::string("cannot be opened: ") + strerror(errno)};
  if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    std::string holder = "unknown";
    std::ifstream(path) >> holder;
    return Error{ErrorKind::Conflict, folder.string(),
                 "another causeway serves this data folder (process " + holder + ")"};
  }
  const std::string mine = std::to_string(::getpid()) + "\n";
  // For people only: the lock holds without it.
  if (::ftruncate(lock.fd_, 0) == 0) (void)!::pwrite(lock.fd_, mine.data(), mine.size(), 0);
  return lock;
}

FolderLock::FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace causeway
