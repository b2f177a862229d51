// causeway doctor: looks at an installation and says what is wrong with it, and what to do.
#include <sys/statvfs.h>

#include <cstdio>

#include "engine/core/clock.h"
#include "engine/main/channel_files.h"
#include "engine/main/commands.h"
#include "engine/main/installation.h"
#include "engine/store/cluster/binaries.h"

namespace causeway {
namespace {

constexpr std::uint64_t low_disk_bytes = 2ULL * 1024 * 1024 * 1024;

class Report {
 public:
  void good(const std::string& text) { std::printf("good  %s\n", text.c_str()); }
  void bad(const std::string& text, const std::string& advice) {
    bad_ = true;
    std::printf("BAD   %s\n      %s\n", text.c_str(), advice.c_str());
  }
  bool any_bad() const { return bad_; }

 private:
  bool bad_ = false;
};

void check_postgresql(Report& report, const Arguments& arguments) {
  if (arguments.has("database")) return report.good("PostgreSQL: the site's own");
  auto binaries = store::find_binaries();
  if (binaries)
    report.good("PostgreSQL's programs: " + *binaries);
  else
    report.bad("PostgreSQL's programs: " + binaries.error().str(),
               "install the package postgresql-15");
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
}

void check_channels(Report& report, const std::string& folder) {
  config::Problems problems;
  auto environment = environment_values("", problems);
  auto channels = read_channels(folder, &environment, problems);
  if (problems.empty())
    return report.good("channels in " + folder + ": " + std::to_string(channels.size()));
  report.bad("problems of channels in " + folder + ": " + std::to_string(problems.list.size()),
             problems.list.front().str() + "\n      see all: causeway check " + folder);
}

void check_store(Report& report, Installation& installation) {
  store::SearchRequest newest;
  newest.to = MachineClock().now() + std::chrono::hours(24);
  newest.rows = 1;
  auto page = installation.store().search().find(newest);
  if (!page)
    return report.bad("store: " + page.error().str(), "see PostgreSQL's log in the data folder");
  report.good(page->found.empty()
                  ? "store: no message yet"
                  : "store: the newest message is " + to_string(page->found.front().message.id));
  auto queues = installation.store().queues().queues();
  if (!queues) return report.bad("queues: " + queues.error().str(), "see PostgreSQL's log");
  std::uint64_t stuck = 0;
  for (const auto& queue : *queues)
    for (const auto& [state, part] : queue.parts)
      if (state == AttentionState::Held || state == AttentionState::Parked) stuck += part.rows;
  if (stuck > 0)
    report.bad("queues: held or parked: " + std::to_string(stuck), "see: causeway queue show");
  else
    report.good("queues: nothing is held or parked");
}

}  // namespace

int command_doctor(const Words& words) {
  auto arguments = Arguments::parse(words, {{"data", "database", "channels"}, {"help"}});
  if (!arguments || arguments->has("help") || !arguments->words().empty()) {
    if (!arguments) std::fprintf(stderr, "causeway doctor: %s\n", arguments.error().str().c_str());
    std::fprintf(stderr, "usage: causeway doctor [--channels FOLDER] [options]\n%s",
                 std::string(Installation::options_help).c_str());
    return 2;
  }
  Report report;
  check_postgresql(report, *arguments);
  if (arguments->has("channels")) check_channels(report, arguments->value("channels"));
  auto installation = Installation::open(*arguments);
  if (installation) {
    report.good("data folder: " + (*installation)->folder().string());
    check_disk(report, (*installation)->folder());
    check_store(report, **installation);
  } else {
    check_disk(report, std::filesystem::path("/"));
    report.bad("data folder: " + installation.error().str(),
               "is the engine running (causeway serve), and is this its data folder?");
  }
  return report.any_bad() ? 1 : 0;
}

}  // namespace causeway
