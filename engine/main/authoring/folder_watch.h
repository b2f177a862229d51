// Tells when something in a tree of folders is written, by inotify. Hidden files and folders are
// left out. Used by one thread. Errors: Unavailable (the system's limit of watches).
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway {

class FolderWatch {
 public:
  static constexpr std::size_t folders_max = 20'000;

  FolderWatch();
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  /// Watches a folder and all below it, also those that are made later.
  Status add(const std::filesystem::path& folder);

  /// Waits for a change, then until it has been quiet for a moment; the files. Empty: none came
  /// within `patience`.
  std::set<std::filesystem::path> wait(Milliseconds patience);

 private:
  Status add_one(const std::filesystem::path& folder);
  bool ready(Milliseconds patience) const;
  void read_events(std::set<std::filesystem::path>& changed);

  int descriptor_;
  std::map<int, std::filesystem::path> folders_;  // by watch
};

}  // namespace causeway
