// Everything that can be told about channel folders without running them: their declarations, what
// their scripts say, whether these compile, and how channels fit together. For `causeway check`,
// and before a revision is made.
//
// Compiles scripts on the calling thread. Reads files, writes none.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/config/channel_config.h"

namespace causeway {

struct Lint {
  config::Problems problems;  ///< By file and place; errors and warnings.
  std::size_t channels = 0;   ///< Found.
  std::size_t good = 0;       ///< Without an error of their own.
};

struct LintOptions {
  /// What "env:NAME" stands for; nullptr: it is taken for good.
  const config::EnvironmentValues* environment = nullptr;
  std::string environment_name;    ///< Where its values come from, for problems with them.
  std::filesystem::path mappings;  ///< Empty: as mappings_folder() finds it.
};

/// `folder` is a channel, or holds channels at any depth. Of a channel alone, hops to others are
/// not looked at.
Lint lint_channels(const std::filesystem::path& folder, const LintOptions& options);

/// The file of an environment: `name` itself if it is a path or ends in ".json", else
/// environments/NAME.json in `channels` or the nearest folder above that has it.
std::filesystem::path environment_file(const std::filesystem::path& channels,
                                       const std::string& name);

}  // namespace causeway
