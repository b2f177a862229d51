#include "engine/store/cluster/private_cluster.h"

#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "engine/store/cluster/cluster_files.h"
#include "engine/store/cluster/pid_file.h"
#include "engine/store/cluster/socket_folder.h"
#include "tests/integration/cluster/cluster_folder.h"
#include "tests/support/test_database.h"

namespace causeway::store {
namespace {
namespace fs = std::filesystem;
using testing::eventually;
using testing::ForkedProcess;
using testing::run_sql;

bool never() {
  return false;
}

std::string why_not(const Status& started) {
  return started ? "" : started.error().str();
}

struct Folder : testing::ClusterFolder {
  NoLog log;
};

std::string run_and_read(const std::string& command) {
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  std::string text;
  char buffer[4096];
  while (auto got = std::fread(buffer, 1, sizeof buffer, pipe.get())) text.append(buffer, got);
  return text;
}

TEST_CASE("a private cluster is made, durable, local, and stopped cleanly") {
  Folder folder;
  PrivateCluster cluster(folder.path() / "data", folder.log);
  REQUIRE(why_not(cluster.start(never)) == "");
  CHECK(cluster.runs());
  CHECK_FALSE(cluster.adopted());
  const auto database = private_database(folder.path() / "data");
  CHECK(database == cluster.database());
  auto setting = [&](const std::string& name) { return run_sql(database, "SHOW " + name); };
  CHECK(setting("fsync") == "on");
  CHECK(setting("full_page_writes") == "on");
  CHECK(setting("synchronous_commit") == "on");
  CHECK(setting("data_checksums") == "on");
  CHECK(setting("listen_addresses") == "");
  CHECK(setting("server_encoding") == "UTF8");
  CHECK(setting("wal_compression") == "lz4");
  CHECK(run_sql(database, "SELECT datcollate FROM pg_database WHERE datname = 'causeway'") == "C");
  CHECK(run_sql(database, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "f");
  CHECK(run_sql(database, "CREATE TABLE t (n int)") == "");
  for (const char* name : {"data", "data/postgres", "data/run", "data/log"}) {
    INFO(name);
    const auto permissions = fs::status(folder.path() / name).permissions();
    CHECK((permissions & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
  }

  cluster.stop();
  CHECK_FALSE(cluster.runs());
  CHECK(processes_in(folder.path() / "data/postgres").empty());
  CHECK(cluster.ending() == "exit code 0");
  const auto control =
      run_and_read(*binaries_of(folder.path() / "data/postgres") + "/pg_controldata " +
                   (folder.path() / "data/postgres").string());
  CHECK_THAT(control, Catch::Contains("Database cluster state:               shut down\n"));
}

TEST_CASE("a cluster keeps what was committed when it is killed, and starts again") {
  Folder folder;
  PrivateCluster cluster(folder.path(), folder.log);
  REQUIRE(why_not(cluster.start(never)) == "");
  run_sql(cluster.database(), "CREATE TABLE t AS SELECT 7 AS n");
  ::kill(cluster.pid(), SIGKILL);
  REQUIRE(eventually([&] { return !cluster.runs(); }));
  CHECK_THAT(cluster.ending(), Catch::Contains("signal 9"));
  REQUIRE(why_not(cluster.start(never)) == "");
  CHECK_FALSE(cluster.adopted());
  CHECK(run_sql(cluster.database(), "SELECT n FROM t") == "7");
  cluster.stop();
}

TEST_CASE("a cluster whose parent was killed is adopted, watched and stopped") {
  Folder folder;
  ForkedProcess parent([&] {
    PrivateCluster cluster(folder.path(), folder.log);
    if (!cluster.start(never)) return 1;
    std::ofstream(folder.path() / "ready") << "yes";
    return ::pause();
  });
  REQUIRE(eventually([&] { return fs::exists(folder.path() / "ready"); }));
  const auto left = read_pid_file(folder.cluster());
  REQUIRE(left);
  parent.end(SIGKILL);

  PrivateCluster cluster(folder.path(), folder.log);
  REQUIRE(why_not(cluster.start(never)) == "");
  CHECK(cluster.adopted());
  CHECK(cluster.pid() == left->pid);
  CHECK(run_sql(cluster.database(), "SELECT 7") == "7");

  SECTION("stopped") {
    cluster.stop();
  }
  SECTION("killed, which is noticed, and started again") {
    ::kill(left->pid, SIGKILL);
    REQUIRE(eventually([&] { return !cluster.runs(); }));
    REQUIRE(why_not(cluster.start(never)) == "");
    CHECK_FALSE(cluster.adopted());
    cluster.stop();
  }
  CHECK_FALSE(cluster.runs());
  CHECK(eventually([&] { return folder.all_gone(); }));
}

TEST_CASE("a server found while it was still starting is stopped, and another started") {
  Folder folder;
  ForkedProcess parent([&] {
    PrivateCluster cluster(folder.path(), folder.log);
    if (!cluster.start(never)) return 1;
    std::ofstream(folder.path() / "ready") << "yes";
    return ::pause();
  });
  REQUIRE(eventually([&] { return fs::exists(folder.path() / "ready"); }));
  const auto left = read_pid_file(folder.cluster());
  REQUIRE(left);
  parent.end(SIGKILL);
  // As it is before it listens.
  std::ofstream(folder.cluster() / "postmaster.pid")
      << left->pid << "\n"
      << folder.cluster().string() << "\n1\n5432\n\n";

  PrivateCluster cluster(folder.path(), folder.log);
  REQUIRE(why_not(cluster.start(never)) == "");
  CHECK_FALSE(cluster.adopted());
  CHECK(cluster.pid() != left->pid);
  CHECK(cluster.runs());
  CHECK(run_sql(cluster.database(), "SELECT 7") == "7");
  cluster.stop();
  CHECK(eventually([&] { return folder.all_gone(); }));
}

TEST_CASE("a pid file that names another program is out of date") {
  Folder folder;
  PrivateCluster cluster(folder.path(), folder.log);
  REQUIRE(why_not(cluster.start(never)) == "");
  cluster.stop();
  for (const auto& file :
       {folder.cluster() / "postmaster.pid", folder.path() / "run/.s.PGSQL.5432.lock"})
    std::ofstream(file) << ::getpid() << "\n"
                        << folder.cluster().string() << "\n1\n5432\n\n\n\nready\n";
  REQUIRE(why_not(cluster.start(never)) == "");
  CHECK_FALSE(cluster.adopted());
  CHECK(cluster.pid() != ::getpid());
  cluster.stop();
}

TEST_CASE("making a cluster that was cut short begins anew") {
  testing::TemporaryFolder folder;
  NoLog log;
  fs::create_directories(folder.path() / "postgres.new/base");
  std::ofstream(folder.path() / "postgres.new/PG_VERSION") << "15\n";
  PrivateCluster cluster(folder.path(), log);
  REQUIRE(why_not(cluster.start(never)) == "");
  CHECK_FALSE(fs::exists(folder.path() / "postgres.new"));
  cluster.stop();
}

TEST_CASE("a server that doesn't start says why") {
  Folder folder;
  std::ofstream(folder.cluster() / "site.conf") << "shared_buffers = 'plenty'\n";
  PrivateCluster cluster(folder.path(), folder.log);
  auto started = cluster.start(never);
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().kind == ErrorKind::Unavailable);
  CHECK_THAT(started.error().text, Catch::Contains("shared_buffers"));
  CHECK_FALSE(cluster.runs());
}

TEST_CASE("waiting for a start can be given up") {
  Folder folder;
  PrivateCluster cluster(folder.path(), folder.log);
  auto started = cluster.start([] { return true; });
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().kind == ErrorKind::Stopped);
  cluster.stop();
  CHECK(eventually([&] { return folder.all_gone(); }));
}

TEST_CASE("where the data folder's path is too long for a socket, a short place is found") {
  Folder folder;
  const auto deep = folder.path() / std::string(90, 'd') / "it's";
  fs::create_directories(deep);
  fs::rename(folder.cluster(), deep / "postgres");
  const auto sockets = socket_folder(deep);
  CHECK(sockets.native().size() < 60);
  CHECK(socket_folder(deep) == sockets);
  CHECK(socket_folder(folder.path() / std::string(90, 'e') / "it's") != sockets);
  {
    PrivateCluster cluster(deep, folder.log);
    REQUIRE(why_not(cluster.start(never)) == "");
    CHECK(run_sql(private_database(deep), "SELECT 7") == "7");
    PrivateCluster again(deep, folder.log);
    REQUIRE(why_not(again.start(never)) == "");
    CHECK(again.adopted());
    cluster.stop();
  }
  fs::permissions(sockets, fs::perms::others_exec, fs::perm_options::add);
  CHECK(make_socket_folder(deep).error().kind == ErrorKind::NotPermitted);
  fs::remove_all(sockets);
}

}  // namespace
}  // namespace causeway::store
