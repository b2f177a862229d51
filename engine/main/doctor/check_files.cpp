#include <fmt/format.h>
#include <sys/stat.h>

#include "engine/core/clock.h"
#include "engine/main/doctor/checks.h"
#include "engine/main/last_backup.h"
#include "engine/store/sealing/sealed_secrets.h"

namespace causeway::doctor {
namespace {

namespace fs = std::filesystem;

constexpr auto backup_age_max = std::chrono::hours(24 * 7);

/// Whether others than the owner can do anything with it.
bool is_open_to_others(const fs::path& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && (found.st_mode & 077) != 0;
}

void check_private(Report& report, const fs::path& path, const char* what, const char* mode) {
  if (!is_open_to_others(path)) return;
  report.bad(fmt::format("{} {}: others than the engine's user can get at it", what, path.string()),
             fmt::format("chmod {} {}", mode, path.string()));
}

void check_keys(Report& report, const fs::path& keys) {
  std::error_code error;
  if (!fs::is_directory(keys, error)) return;
  bool good = !is_open_to_others(keys);
  check_private(report, keys, "folder of keys", "700");
  for (const auto& entry : fs::directory_iterator(keys, error)) {
    good = good && !is_open_to_others(entry.path());
    check_private(report, entry.path(), "key", "600");
  }
  if (good && !error) report.good("keys: for the engine's user alone");
}

void check_backup(Report& report, const fs::path& folder) {
  const auto made = last_backup(folder);
  if (!made)
    return report.weak(
        "backup: none has been made of this store",
        "causeway backup DIR, every day, to another disk; and causeway key escrow once");
  const auto age = MachineClock().now() - *made;
  const auto days = std::chrono::duration_cast<std::chrono::hours>(age).count() / 24;
  if (age > backup_age_max)
    return report.bad(fmt::format("backup: the last one is {} days old", days),
                      "causeway backup DIR, every day, to another disk");
  report.good(fmt::format("backup: the last one is {} days old", days));
}

}  // namespace

void check_files(Report& report, const fs::path& folder, bool own_database) {
  check_private(report, folder, "data folder", "700");
  check_keys(report, folder / "keys");
  check_private(report, folder / store::secrets_file, "secrets", "600");
  if (own_database) check_backup(report, folder);
}

}  // namespace causeway::doctor
