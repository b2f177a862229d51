// What can be said about channels beyond their grammar: what would surely not work when run, or is
// hardly meant so. Each adds problems with place and remedy.
//
// Pure but for lint_files, which lists a channel's folder. Channels that were read with problems
// are welcome: what could be read of them is looked at.
#pragma once

#include <filesystem>
#include <vector>

#include "engine/config/channel_config.h"

namespace causeway::config {

/// What each channel says: destinations named in scripts (`ctx.send`) that aren't there; passwords,
/// keys and tokens written out.
void lint_scripts(const ChannelConfig& channel, const std::filesystem::path& folder,
                  Problems& problems);
void lint_declaration(const ChannelConfig& channel, const std::filesystem::path& folder,
                      Problems& problems);
/// Warnings: files that nothing uses.
void lint_files(const ChannelConfig& channel, const std::filesystem::path& folder,
                Problems& problems);

/// What shows only when all are seen: two sources on one port; hops that lead round in a circle.
void lint_together(const std::vector<ChannelConfig>& channels, const std::filesystem::path& root,
                   Problems& problems);

/// Passwords written out in an environment, and names that no channel refers to (warnings).
/// `problems.file` is the environment's file.
void lint_environment(const EnvironmentValues& environment,
                      const std::vector<ChannelConfig>& channels, Problems& problems);

/// What a key or variable is called whose value has to be kept secret: "password", "apiKey".
bool names_secret(std::string_view name);
/// A value that is a secret by its looks: a private key, a URL with a password, "Basic …".
bool looks_secret(std::string_view value);

}  // namespace causeway::config
