// Channel folders as the program sees them: read with the fields of all connectors. Pure but for
// reading the files.
#pragma once

#include <filesystem>
#include <vector>

#include "engine/config/channel_config.h"

namespace causeway {

/// All channels below `root`. Problems are added; channels with problems are left out.
std::vector<config::ChannelConfig> read_channels(const std::filesystem::path& root,
                                                 const config::EnvironmentValues* environment,
                                                 config::Problems& problems);

/// What "env:NAME" stands for in channels: from the installation's environment file or, without
/// one, from the variables of this process.
config::EnvironmentValues environment_values(const std::string& file, config::Problems& problems);

}  // namespace causeway
