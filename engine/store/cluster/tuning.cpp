#include "engine/store/cluster/tuning.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace causeway::store {
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;

std::string megabytes(std::uint64_t bytes) {
  return std::to_string(bytes / mebibyte) + "MB";
}

}  // namespace

Machine this_machine(const fs::path& data_folder) {
  Machine machine;
  machine.memory_bytes = static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PHYS_PAGES))) *
                         static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PAGE_SIZE)));
  // A container's limit (cgroup v2, then v1); "max" and files that aren't there read as nothing.
  for (const char* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::uint64_t limit = 0;
    if (std::ifstream(path) >> limit && limit > 0)
      machine.memory_bytes = std::min(machine.memory_bytes, limit);
  }
  std::error_code unknown;
  const auto space = fs::space(data_folder, unknown);
  if (!unknown) machine.free_disk_bytes = space.available;
  return machine;
}

std::string quoted_setting(const std::string& value) {
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted += c;
    quoted += c;
  }
  return quoted + "'";
}

std::string cluster_settings(const Machine& machine, const ClusterFolders& folders) {
  // The engine and the page cache need memory too; past 4 GiB the journal gains nothing.
  const auto buffers = std::clamp(machine.memory_bytes / 4, 64 * mebibyte, 4096 * mebibyte);
  const auto cache = std::max(machine.memory_bytes / 2, 128 * mebibyte);
  // Up to this much has to be replayed after a crash, before anybody is answered: half a gigabyte
  // takes 4.7 s. Nor may WAL fill a small disk.
  const auto wal = std::clamp(machine.free_disk_bytes / 10, 256 * mebibyte, 512 * mebibyte);
  std::string text =
      "# Written by causeway at every start. Settings of the site's own go in site.conf beside "
      "it.\n"
      "cluster_name = 'causeway'\n"
      "listen_addresses = ''\n"
      "port = 5432\n"
      "unix_socket_permissions = 0700\n"
      "max_connections = 100\n"
      "timezone = 'UTC'\n"
      "\n"
      "max_parallel_workers_per_gather = 0\n"
      "max_parallel_maintenance_workers = 0\n"
      "jit = off\n"
      "random_page_cost = 1.1\n"
      "client_connection_check_interval = 1s\n"
      "\n"
      "wal_buffers = 16MB\n"
      "wal_compression = lz4\n"
      "checkpoint_timeout = 15min\n"
      "checkpoint_completion_target = 0.9\n"
      "autovacuum_naptime = 15s\n"
      "# After a crash: sync the file system once, not thousands of files one by one.\n"
      "recovery_init_sync_method = syncfs\n"
      "\n"
      "# Neither statements nor values may get into the log.\n"
      "logging_collector = on\n"
      "log_filename = 'postgresql-%a.log'\n"
      "log_truncate_on_rotation = on\n"
      "log_rotation_age = 1d\n"
      "log_rotation_size = 0\n"
      "log_file_mode = 0600\n"
      "log_timezone = 'UTC'\n"
      "log_error_verbosity = terse\n"
      "log_min_error_statement = panic\n"
      "log_statement = none\n"
      "log_min_duration_statement = -1\n"
      "log_autovacuum_min_duration = -1\n"
      "\n";
  text += "unix_socket_directories = " + quoted_setting(folders.sockets) + "\n";
  text += "log_directory = " + quoted_setting(folders.logs) + "\n";
  text += "shared_buffers = " + megabytes(buffers) + "\n";
  text += "effective_cache_size = " + megabytes(cache) + "\n";
  text += "max_wal_size = " + megabytes(wal) + "\n";
  text += "min_wal_size = " + megabytes(wal / 4) + "\n";
  return text;
}

}  // namespace causeway::store
