// Which channels a folder named on the command line stands for. Reads the file system.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/config/problems.h"

namespace causeway {

struct ChannelSelection {
  std::filesystem::path root;      ///< Of the paths; empty: the current folder.
  std::vector<std::string> paths;  ///< Sorted.
  bool alone = false;              ///< It is a channel's own folder: its neighbours aren't seen.
};

/// `folder` is a channel, or holds channels at any depth. A folder that isn't there is a problem.
ChannelSelection select_channels(const std::filesystem::path& folder, config::Problems& problems);

}  // namespace causeway
