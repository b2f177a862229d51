#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#include "engine/main/doctor/checks.h"

namespace causeway::doctor {
namespace {

constexpr std::uint64_t low_disk_bytes = 2ULL * 1024 * 1024 * 1024;
constexpr std::uint64_t low_files_percent = 5;
constexpr rlim_t files_wanted = 4096;
constexpr decltype(statfs::f_type) tmpfs_magic = 0x01021994, ramfs_magic = 0x858458f6;

void check_clock(Report& report) {
  timex state{};
  const int answer = ::adjtimex(&state);
  if (answer < 0) return;  // not allowed here: nothing can be said
  if (answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0)
    return report.good("clock: synchronised");
  report.weak("clock: nothing keeps it in time",
              "run chrony or systemd-timesyncd: times in messages, audit and leases rest on it");
}

void check_open_files(Report& report) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  if (limit.rlim_max >= files_wanted)
    return report.good(fmt::format("open files: up to {}", limit.rlim_max));
  report.weak(
      fmt::format("open files: only {} are allowed, connections included", limit.rlim_max),
      fmt::format("raise the limit to {} or more: LimitNOFILE= of the service, or ulimit -n",
                  files_wanted));
}

}  // namespace

void check_machine(Report& report) {
  check_clock(report);
  check_open_files(report);
}

void check_disk(Report& report, const std::filesystem::path& folder) {
  struct statvfs disk {};
  if (::statvfs(folder.c_str(), &disk) != 0)
    return report.bad("disk of " + folder.string() + ": can't be looked at",
                      "does the folder exist?");
  const auto free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  const auto text =
      "disk: " + std::to_string(free / (1024 * 1024)) + " MiB free at " + folder.string();
  if (free < low_disk_bytes)
    report.bad(text, "below 2 GiB: free some, or shorten the retention of channels");
  else
    report.good(text);
  if (disk.f_files > 0 && disk.f_favail * 100 < disk.f_files * low_files_percent)
    report.bad("disk: no room for more files at " + folder.string(),
               "its inodes are used up: remove small files, or make the file system with more");
  if ((disk.f_flag & ST_RDONLY) != 0)
    report.bad("disk: " + folder.string() + " is mounted read-only",
               "look into the kernel's log for errors of the disk, and mount it for writing");
  struct statfs kind {};
  if (::statfs(folder.c_str(), &kind) == 0 &&
      (kind.f_type == tmpfs_magic || kind.f_type == ramfs_magic))
    report.bad("disk: " + folder.string() + " is in memory: a reboot loses all messages",
               "put the data folder on a disk (causeway serve --data FOLDER)");
}

}  // namespace causeway::doctor
