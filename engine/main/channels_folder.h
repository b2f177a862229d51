// The folder of channels, or of mappings, also where it lies in a place that only root can reach (a
// clone under /root): opened while the program still is root, and copied into the data folder once
// it isn't. Not thread-safe.
#pragma once

#include <filesystem>

#include "engine/core/result.h"

namespace causeway {

class ChannelsFolder {
 public:
  /// NotFound or Unavailable if it is no folder that can be opened.
  static Result<ChannelsFolder> open(const std::filesystem::path& folder);
  ChannelsFolder(ChannelsFolder&& other) noexcept;
  ChannelsFolder& operator=(ChannelsFolder&&) = delete;
  ~ChannelsFolder();

  struct Reachable {
    std::filesystem::path path;
    bool is_copy = false;
  };
  /// The folder itself, if this process can read it; else a fresh copy, `data_folder`/`name`.
  /// Links are copied as links: they lead nowhere, and the channel's check says so.
  Result<Reachable> reach(const std::filesystem::path& data_folder,
                          std::string_view name = "channels") const;

 private:
  ChannelsFolder(std::filesystem::path path, int descriptor);

  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace causeway
