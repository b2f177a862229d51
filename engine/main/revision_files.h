// The files of a revision as one piece of bytes, as the store keeps them, and back. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/config/channel_config.h"
#include "engine/core/result.h"

namespace causeway {

/// By name: "channel.json", "transform.js", "tables/sex.csv", and of the library of mappings what
/// is used of it: "lib:dates/age.js".
using RevisionFiles = std::map<std::string, std::string>;

inline constexpr const char* declaration_name = "channel.json";

/// All files that a revision of this channel consists of.
RevisionFiles files_of(const config::ChannelConfig& config);

std::string pack(const RevisionFiles& files);
/// Damaged: not what `pack` made.
Result<RevisionFiles> unpack(std::string_view packed);

/// An error if a channel can't consist of these: too many, too large, no channel.json, or names
/// that lead out of its folder.
Status check_files(const RevisionFiles& files);

}  // namespace causeway
