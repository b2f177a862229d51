// Channel folders as the program sees them: read with the fields of all connectors. Pure but for
// reading the files.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/config/channel_config.h"

namespace causeway {

/// The fields of all connectors, for engine/config.
const config::ConnectorFields& connector_fields();
/// An error if the text is neither an HL7 path nor one of DICOM.
Status check_message_path(std::string_view text);

/// Where channels import mappings from: the folder given, or "mappings" beside `root`, or the one
/// that came with this program; empty: there is none.
std::filesystem::path mappings_folder(const std::filesystem::path& given,
                                      const std::filesystem::path& root);

/// All channels below `root`, with what they use of the mappings (see mappings_folder). Problems
/// are added; channels with problems are left out.
std::vector<config::ChannelConfig> read_channels(const std::filesystem::path& root,
                                                 const config::EnvironmentValues* environment,
                                                 config::Problems& problems,
                                                 const std::filesystem::path& mappings = {});

/// One of them, whatever its neighbours are like; empty if it has an error.
std::vector<config::ChannelConfig> read_channel(const std::filesystem::path& root,
                                                const std::string& path, config::Problems& problems,
                                                const std::filesystem::path& mappings = {});

/// The paths of the channels below `root` that these problems are about.
std::set<std::string> channels_with_problems(const std::filesystem::path& root,
                                             const config::Problems& problems);

/// One channel from its files by name, as if its folder had these.
config::ChannelConfig read_files(const std::string& path,
                                 const std::map<std::string, std::string>& files,
                                 const config::EnvironmentValues* environment,
                                 config::Problems& problems);

/// What "env:NAME" stands for in channels: from the installation's environment file or, without
/// one, from the variables of this process.
config::EnvironmentValues environment_values(const std::string& file, config::Problems& problems);

}  // namespace causeway
