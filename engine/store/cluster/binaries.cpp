#include "engine/store/cluster/binaries.h"

#include <unistd.h>

#include <charconv>
#include <filesystem>

namespace causeway::store {
namespace fs = std::filesystem;

namespace {

int version_of(const fs::path& folder) {
  const std::string name = folder.filename();
  int version = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
  return error == std::errc() && end == name.data() + name.size() ? version : 0;
}

bool has_programs(const fs::path& folder) {
  return ::access((folder / "initdb").c_str(), X_OK) == 0 &&
         ::access((folder / "postgres").c_str(), X_OK) == 0;
}

}  // namespace

Result<std::string> find_binaries(int version, const std::string& root) {
  int best = 0;
  fs::path found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(root, ignored)) {
    const int candidate = version_of(entry.path());
    if (candidate < postgres_oldest || candidate <= best) continue;
    if (version != 0 && candidate != version) continue;
    if (!has_programs(entry.path() / "bin")) continue;
    best = candidate;
    found = entry.path() / "bin";
  }
  if (best != 0) return found.string();
  const std::string wanted =
      version == 0 ? "version " + std::to_string(postgres_oldest) + " or newer"
                   : "version " + std::to_string(version) + " (which made this data folder)";
  return Error{ErrorKind::NotFound, root,
               "no PostgreSQL server, " + wanted + ": install the package postgresql" +
                   (version == 0 ? "" : "-" + std::to_string(version))};
}

}  // namespace causeway::store
