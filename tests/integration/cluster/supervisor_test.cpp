#include "engine/main/supervisor.h"

#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "engine/main/backoff.h"
#include "engine/store/cluster/child_process.h"
#include "engine/store/cluster/pid_file.h"
#include "engine/store/cluster/private_cluster.h"
#include "tests/integration/cluster/cluster_folder.h"
#include "tests/support/test_database.h"

namespace causeway {
namespace {
namespace fs = std::filesystem;
using testing::eventually;
using testing::ForkedProcess;
using testing::run_sql;

// A stand-in for the engine: writes down its process number, and, when asked to stop, whether the
// database still answered.
constexpr const char* engine_script = R"(
echo $$ >> "$0/engines"
trap 'psql -X -At "$CAUSEWAY_DATABASE" -c "SELECT 7" > "$0/last_words" 2>&1; exit 0' TERM
while :; do sleep 0.05; done
)";

struct Site {
  testing::ClusterFolder folder;

  fs::path cluster() const { return folder.cluster(); }
  SupervisorOptions options(const char* script = engine_script) const {
    SupervisorOptions options;
    options.data_folder = folder.path();
    options.engine_command = {"/bin/sh", "-c", script, folder.path().string()};
    return options;
  }
  static int serve(const SupervisorOptions& options) {
    NoLog log;
    auto code = supervise(options, log);
    return code ? *code : 200 + static_cast<int>(code.error().kind);
  }
  std::vector<pid_t> engines() const {
    std::ifstream file(folder.path() / "engines");
    return {std::istream_iterator<pid_t>(file), {}};
  }
  bool engine_runs(std::size_t number) const {
    const auto all = engines();
    return all.size() >= number && store::process_runs(all[number - 1]);
  }
  pid_t postmaster() const {
    const auto file = store::read_pid_file(cluster());
    return file && store::is_postmaster_of(file->pid, cluster()) ? file->pid : 0;
  }
  bool database_answers() const {
    try {
      return run_sql(store::private_database(folder.path()), "SELECT 7") == "7";
    } catch (const std::exception&) {
      return false;
    }
  }
  std::string last_words() const {
    std::ifstream file(folder.path() / "last_words");
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

TEST_CASE("engine and PostgreSQL are started again when killed, and stopped in order") {
  Site site;
  ForkedProcess supervisor([&] { return Site::serve(site.options()); });
  REQUIRE(eventually([&] { return site.engine_runs(1); }));
  CHECK(site.database_answers());

  ::kill(site.engines()[0], SIGKILL);
  REQUIRE(eventually([&] { return site.engine_runs(2); }));

  const pid_t first = site.postmaster();
  ::kill(first, SIGKILL);
  REQUIRE(eventually([&] {
    const pid_t now = site.postmaster();
    return now != 0 && now != first && site.database_answers();
  }));
  CHECK(site.engine_runs(2));  // it waits for the database by itself

  CHECK(supervisor.end(SIGTERM) == 0);
  CHECK(site.last_words() == "7\n");
  CHECK_FALSE(site.engine_runs(2));
  CHECK(site.postmaster() == 0);
  CHECK_FALSE(fs::exists(site.cluster() / "postmaster.pid"));
}

TEST_CASE("a killed supervisor takes the engine with it; the next one adopts PostgreSQL") {
  Site site;
  pid_t left = 0;
  {
    ForkedProcess supervisor([&] { return Site::serve(site.options()); });
    REQUIRE(eventually([&] { return site.engine_runs(1); }));
    left = site.postmaster();
    supervisor.end(SIGKILL);
  }
  REQUIRE(eventually([&] { return !site.engine_runs(1); }));
  CHECK(site.postmaster() == left);
  CHECK(site.database_answers());

  ForkedProcess supervisor([&] { return Site::serve(site.options()); });
  REQUIRE(eventually([&] { return site.engine_runs(2); }));
  CHECK(site.postmaster() == left);
  CHECK(supervisor.end(SIGINT) == 0);
  CHECK(site.postmaster() == 0);
}

TEST_CASE("a second supervisor of a data folder refuses, and says who has it") {
  Site site;
  ForkedProcess supervisor([&] { return Site::serve(site.options()); });
  REQUIRE(eventually([&] { return site.engine_runs(1); }));
  NoLog log;
  ForkedProcess second([&] {
    auto refused = supervise(site.options(), log);
    if (refused || refused.error().kind != ErrorKind::Conflict) return 1;
    return refused.error().text.find(std::to_string(supervisor.pid())) == std::string::npos ? 2 : 0;
  });
  CHECK(second.wait() == 0);
  CHECK(site.engine_runs(1));
  CHECK(supervisor.end(SIGTERM) == 0);
}

TEST_CASE("an engine that can't be helped by starting again ends the supervisor") {
  Site site;
  ForkedProcess supervisor([&] { return Site::serve(site.options("exit 78")); });
  CHECK(supervisor.wait() == exit_code_config);
  CHECK(site.postmaster() == 0);
}

TEST_CASE("an engine that doesn't stop when asked is killed after its grace") {
  Site site;
  auto options =
      site.options(R"(trap '' TERM; echo $$ >> "$0/engines"; while :; do sleep 0.05; done)");
  options.engine_grace = Milliseconds(300);
  ForkedProcess supervisor([&] { return Site::serve(options); });
  REQUIRE(eventually([&] { return site.engine_runs(1); }));
  CHECK(supervisor.end(SIGTERM) == 0);
  CHECK_FALSE(site.engine_runs(1));
  CHECK(site.postmaster() == 0);
}

TEST_CASE("with a database of the site's no cluster is made") {
  Site site;
  testing::TestDatabase database;
  auto options = site.options();
  options.database = database.url();
  ForkedProcess supervisor([&] { return Site::serve(options); });
  REQUIRE(eventually([&] { return site.engine_runs(1); }));
  CHECK(supervisor.end(SIGTERM) == 0);
  CHECK(site.last_words() == "7\n");
  CHECK_FALSE(fs::exists(site.folder.path() / "run"));  // the private one was not started
}

TEST_CASE("a program that isn't there is tried again, and the supervisor still stops") {
  Site site;
  testing::TestDatabase database;
  auto options = site.options();
  options.database = database.url();
  options.engine_command = {"/nonexistent/causeway"};
  ForkedProcess supervisor([&] { return Site::serve(options); });
  std::this_thread::sleep_for(Milliseconds(400));
  CHECK(supervisor.end(SIGTERM) == 0);
}

TEST_CASE("back-off doubles from 100 ms to 30 s, and is forgotten after a good minute") {
  Backoff backoff;
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 11; ++i) waits.push_back(backoff.after(Milliseconds(10)).count());
  CHECK(waits == std::vector<std::int64_t>{100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600,
                                           30000, 30000});
  CHECK(backoff.after(std::chrono::minutes(2)) == Milliseconds(100));
  CHECK(backoff.after(Milliseconds(10)) == Milliseconds(200));
}

}  // namespace
}  // namespace causeway
