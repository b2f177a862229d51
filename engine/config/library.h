// The installation's library of mappings (mappings/): scripts and code tables that channels import
// by name. A channel's revision holds a copy of what it uses, so that a change of the library
// changes no channel until it is deployed anew, and shows as another revision.
//
// Plain values; reading a folder is the only access to the file system.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "engine/config/channel_config.h"

namespace causeway::config {

inline constexpr std::size_t library_bytes_max = 64 * 1024 * 1024;
inline constexpr std::size_t library_files_max = 20'000;

/// Stands before the names of library files among a channel's own.
inline constexpr std::string_view library_prefix = "lib:";

/// Name ("folder/name.js") to text: *.js and *.csv.
using LibraryFiles = std::map<std::string, std::string, std::less<>>;

/// All below a folder; none if there is no such folder.
LibraryFiles read_library(const std::filesystem::path& folder, Problems& problems);

/// Copies into the channel's files what these name, as an import or table, and what that names in
/// turn; and renews its revision's hash. A name counts where it stands whole between quotes.
void add_used(const LibraryFiles& library, ChannelConfig& channel);

}  // namespace causeway::config
