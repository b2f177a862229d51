#include "engine/store/cluster/pid_file.h"

#include <cstdlib>
#include <fstream>
#include <vector>

#include "engine/store/cluster/child_process.h"

namespace causeway::store {
namespace fs = std::filesystem;

namespace {
// Lines of the file, as in PostgreSQL's pidfile.h.
constexpr std::size_t pid_line = 0;
constexpr std::size_t socket_folder_line = 4;
constexpr std::size_t status_line = 7;
}  // namespace

std::optional<PidFile> read_pid_file(const fs::path& cluster) {
  std::ifstream file(cluster / "postmaster.pid");
  std::vector<std::string> lines;
  for (std::string line; lines.size() <= status_line && std::getline(file, line);)
    lines.push_back(line);
  lines.resize(status_line + 1);
  PidFile read;
  read.pid = static_cast<pid_t>(std::atoi(lines[pid_line].c_str()));
  if (read.pid <= 0) return std::nullopt;
  read.socket_folder = lines[socket_folder_line];
  read.stopping = lines[status_line].starts_with("stopping");
  return read;
}

bool is_postmaster_of(pid_t pid, const fs::path& cluster) {
  const fs::path process = "/proc/" + std::to_string(pid);
  std::error_code error;
  const auto program = fs::read_symlink(process / "exe", error);
  if (error || !program.filename().native().starts_with("postgres")) return false;
  const auto folder = fs::read_symlink(process / "cwd", error);
  return !error && folder == fs::weakly_canonical(cluster, error) && process_runs(pid);
}

}  // namespace causeway::store
