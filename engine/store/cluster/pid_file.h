// PostgreSQL's postmaster.pid: whose it is, and whether it is out of date.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace causeway::store {

struct PidFile {
  pid_t pid = 0;
  std::string socket_folder;
  bool stopping = false;
};

/// What the file says; nothing if there is none or it can't be understood.
std::optional<PidFile> read_pid_file(const std::filesystem::path& cluster);

/// True if the process is a running PostgreSQL whose data folder this is. (The file alone doesn't
/// tell: after a restart of the machine its number may be another program's.)
bool is_postmaster_of(pid_t pid, const std::filesystem::path& cluster);

}  // namespace causeway::store
