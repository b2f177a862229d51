// The lock on a data folder: held as long as the object lives, released by the kernel if the
// process is killed. Not inherited by programs that the process starts.
#pragma once

#include <filesystem>

#include "engine/core/result.h"

namespace causeway {

class FolderLock {
 public:
  /// Conflict: another process holds it (its number is in the text).
  static Result<FolderLock> take(const std::filesystem::path& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace causeway
