// Channel folders as the program sees them: read with the fields of all connectors, and every
// problem told to a person.
#pragma once

#include <filesystem>
#include <vector>

#include "engine/config/channel_config.h"

namespace causeway {

/// All channels below `root`. Problems are added; channels with problems are left out.
std::vector<config::ChannelConfig> read_channels(const std::filesystem::path& root,
                                                 const config::EnvironmentValues* environment,
                                                 config::Problems& problems);

/// "NAME=value" lines of an environment file: what `env:NAME` stands for in channels.
Result<config::EnvironmentValues> read_environment(const std::filesystem::path& file);

}  // namespace causeway
