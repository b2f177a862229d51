#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "engine/core/clock.h"
#include "engine/main/doctor/checks.h"
#include "engine/store/cluster/binaries.h"
#include "engine/store/partitions.h"
#include "engine/store/sending_hold.h"

namespace causeway::doctor {
namespace {

constexpr const char* application = "causeway doctor";
constexpr std::int64_t clocks_apart_max_s = 5;

/// Settings without which a commit is no promise.
void check_durability(Report& report, store::Connection& connection) {
  auto rows = connection.query(
      "SELECT count(*)::bigint FROM pg_settings WHERE (name = 'fsync' OR name = 'full_page_writes'"
      " OR name = 'synchronous_commit') AND setting = 'off'");
  if (!rows) return report.bad("PostgreSQL: " + rows.error().str(), "see its log");
  if (rows->integer(0, 0) == 0) return report.good("PostgreSQL: commits are durable");
  report.bad("PostgreSQL: fsync, full_page_writes or synchronous_commit is off",
             "what is acknowledged can be lost: set them on, and reload (postgresql.conf, ALTER "
             "SYSTEM)");
}

void check_clocks(Report& report, store::Connection& connection) {
  auto rows = connection.query("SELECT extract(epoch FROM clock_timestamp())::bigint");
  if (!rows) return;
  const auto now = std::chrono::floor<std::chrono::seconds>(MachineClock().now());
  const auto apart = std::abs(rows->integer(0, 0) - now.time_since_epoch().count());
  if (apart > clocks_apart_max_s)
    report.bad(fmt::format("clock: the database's is {} s apart from this machine's", apart),
               "keep both in time by the same source");
}

void check_newest(Report& report, store::Connection& connection) {
  auto rows = connection.query("SELECT coalesce(max(id), 0)::bigint FROM message");
  if (!rows) return report.bad("store: " + rows.error().str(), "see PostgreSQL's log");
  const MessageId newest{rows->integer(0, 0)};
  if (!newest) return report.good("store: no message yet");
  const auto ahead = Milliseconds(unix_ms_of(newest)) - MachineClock().now().time_since_epoch();
  if (ahead > std::chrono::minutes(1))
    return report.bad(
        "clock: the newest message is from the future",
        "the clock has been set back: messages are numbered after the newest until it "
        "has caught up");
  report.good("store: the newest message is " + to_string(newest));
}

void check_partitions(Report& report, const std::string& conninfo) {
  auto days = store::Partitions({conninfo, application}).days();
  if (!days) return report.bad("store: " + days.error().str(), "see PostgreSQL's log");
  const auto tomorrow =
      std::chrono::floor<std::chrono::days>(MachineClock().now()) + std::chrono::days(1);
  if (std::find(days->begin(), days->end(), tomorrow) != days->end())
    return report.good(fmt::format("store: partitions of {} days", days->size()));
  report.bad("store: there is no partition for tomorrow",
             "the engine makes them ahead while it runs: start it; if it runs, see its log for "
             "\"partitions\"");
}

void check_hold(Report& report, const std::string& conninfo) {
  auto reason = store::SendingHold({conninfo, application}).reason();
  if (reason && *reason)
    report.bad("nothing is sent: " + **reason,
               "look at what waits (causeway queue show), then: causeway restore --release");
}

void check_queues(Report& report, Installation& installation) {
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

void check_postgresql(Report& report, bool own_database) {
  if (!own_database) return report.good("PostgreSQL: the site's own");
  auto binaries = store::find_binaries();
  if (binaries)
    report.good("PostgreSQL's programs: " + *binaries);
  else
    report.bad("PostgreSQL's programs: " + binaries.error().str(),
               "install the package postgresql-15");
}

void check_database(Report& report, Installation& installation) {
  const auto& conninfo = installation.conninfo();
  auto connection = store::Connection::open({conninfo, application});
  if (!connection)
    return report.bad("PostgreSQL: " + connection.error().str(), "is it running, and reachable?");
  check_durability(report, *connection);
  check_clocks(report, *connection);
  check_newest(report, *connection);
  check_partitions(report, conninfo);
  check_hold(report, conninfo);
  check_queues(report, installation);
}

}  // namespace causeway::doctor
