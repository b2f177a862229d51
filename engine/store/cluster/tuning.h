// The settings that the private PostgreSQL runs with, by the machine it is on. What makes a commit
// durable (fsync, synchronous_commit, full_page_writes) is never among them. Pure but for
// `this_machine`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace causeway::store {

struct Machine {
  std::uint64_t memory_bytes = 0;     ///< Of the machine, or of the container if that is less.
  std::uint64_t free_disk_bytes = 0;  ///< Where the data folder is.
};

Machine this_machine(const std::filesystem::path& data_folder);

struct ClusterFolders {
  std::filesystem::path sockets;
  std::filesystem::path logs;
};

/// The text of causeway.conf.
std::string cluster_settings(const Machine& machine, const ClusterFolders& folders);

/// A string as a quoted value in PostgreSQL's configuration files.
std::string quoted_setting(const std::string& value);

}  // namespace causeway::store
