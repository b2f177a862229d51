// What the private PostgreSQL is made of; the whole of it is tested in tests/integration/cluster.
#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "engine/store/cluster/binaries.h"
#include "engine/store/cluster/child_process.h"
#include "engine/store/cluster/pid_file.h"
#include "engine/store/cluster/socket_folder.h"
#include "engine/store/cluster/tuning.h"
#include "tests/support/temporary_folder.h"

namespace causeway::store {
namespace {
namespace fs = std::filesystem;
using testing::TemporaryFolder;

constexpr auto patience = std::chrono::seconds(20);

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void make_program(const fs::path& path) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << "#!/bin/sh\n";
  fs::permissions(path, fs::perms::owner_all);
}

TEST_CASE("a child runs where it is told, and its end is told") {
  TemporaryFolder folder;
  auto child = ChildProcess::start({.words = {"sh", "-c", "pwd; echo trouble >&2; exit 3"},
                                    .output_file = folder.path() / "output",
                                    .folder = folder.path()});
  REQUIRE(child.ok());
  auto ending = child->wait(patience);
  REQUIRE(ending);
  CHECK(ending->str() == "exit code 3");
  CHECK_FALSE(ending->clean());
  CHECK(child->wait(patience)->exit_code == 3);
  CHECK(read_file(folder.path() / "output") == folder.path().string() + "\ntrouble\n");
}

TEST_CASE("a program that can't be started is an error, not a child") {
  auto child = ChildProcess::start({.words = {"/nonexistent/program"}});
  REQUIRE_FALSE(child.ok());
  CHECK(child.error().kind == ErrorKind::Unavailable);
  CHECK(child.error().place == "/nonexistent/program");
  CHECK_FALSE(ChildProcess::start({.words = {"true"}, .folder = "/dev/null"}).ok());
}

TEST_CASE("a child that ignores SIGTERM is killed") {
  TemporaryFolder folder;
  auto child = ChildProcess::start(
      {.words = {"sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"},
       .output_file = folder.path() / "output"});
  REQUIRE(child.ok());
  for (int i = 0; i < 1000 && read_file(folder.path() / "output").empty(); ++i)
    child->wait(Milliseconds(10));
  CHECK(process_runs(child->pid()));
  CHECK(child->stop(SIGTERM, Milliseconds(100)).signal == SIGKILL);
  CHECK_FALSE(process_runs(child->pid()));
}

TEST_CASE("a failed command says what it wrote; one that hangs is killed") {
  CHECK(run_command({"true"}, patience).ok());
  auto failed = run_command({"sh", "-c", "echo no space >&2; exit 1"}, patience);
  REQUIRE_FALSE(failed.ok());
  CHECK_THAT(failed.error().text, Catch::Contains("no space"));
  CHECK(run_command({"sleep", "100"}, Milliseconds(50)).error().kind == ErrorKind::TimedOut);
}

TEST_CASE("the newest PostgreSQL that is complete is taken, or the version asked for") {
  TemporaryFolder root;
  for (const char* version : {"14", "15", "16", "9.6", "common"})
    for (const char* program : {"initdb", "postgres"})
      make_program(root.path() / version / "bin" / program);
  make_program(root.path() / "17/bin/initdb");  // a client's package, without the server
  CHECK(*find_binaries(0, root.path()) == (root.path() / "16/bin").string());
  CHECK(*find_binaries(15, root.path()) == (root.path() / "15/bin").string());
  auto missing = find_binaries(18, root.path());
  REQUIRE_FALSE(missing.ok());
  CHECK_THAT(missing.error().text, Catch::Contains("postgresql-18"));
  CHECK(find_binaries(14, root.path()).error().kind == ErrorKind::NotFound);
  CHECK(find_binaries(0, root.path() / "none").error().kind == ErrorKind::NotFound);
}

TEST_CASE("settings follow the machine, and never touch what makes a commit durable") {
  constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30;
  auto settings = [](std::uint64_t memory, std::uint64_t disk) {
    return cluster_settings({memory, disk}, {"/run/it's", "/log"});
  };
  CHECK_THAT(settings(gibibyte, 10 * gibibyte), Catch::Contains("shared_buffers = 256MB\n"));
  CHECK_THAT(settings(0, 0), Catch::Contains("shared_buffers = 64MB\n"));
  CHECK_THAT(settings(0, 0), Catch::Contains("max_wal_size = 256MB\n"));
  CHECK_THAT(settings(256 * gibibyte, 0), Catch::Contains("shared_buffers = 4096MB\n"));
  CHECK_THAT(settings(0, 1024 * gibibyte), Catch::Contains("max_wal_size = 512MB\n"));
  CHECK_THAT(settings(0, 0), Catch::Contains("unix_socket_directories = '/run/it''s'\n"));
  for (const char* name : {"fsync", "synchronous_commit", "full_page_writes", "wal_sync_method"})
    CHECK_THAT(settings(gibibyte, gibibyte), !Catch::Contains(name));
  CHECK(this_machine("/").memory_bytes > 0);
}

TEST_CASE("a pid file is read as PostgreSQL writes it, and nothing else is taken for one") {
  TemporaryFolder folder;
  const auto write = [&](const std::string& text) {
    std::ofstream(folder.path() / "postmaster.pid") << text;
  };
  CHECK_FALSE(read_pid_file(folder.path()));
  for (const char* text : {"", "\n\n", "postgres\n", "-7\n", "0\n"}) {
    write(text);
    CHECK_FALSE(read_pid_file(folder.path()));
  }
  write("4711\n/data\n1795478400\n5432\n/data/run\n\n  5432001    131072\nready   \n");
  auto file = read_pid_file(folder.path());
  REQUIRE(file);
  CHECK(file->pid == 4711);
  CHECK(file->socket_folder == "/data/run");
  CHECK_FALSE(file->stopping);
  write("4711\n/data\n1795478400\n5432\n/data/run\n\n  5432001    131072\nstopping\n");
  CHECK(read_pid_file(folder.path())->stopping);
  CHECK_FALSE(is_postmaster_of(::getpid(), folder.path()));
}

TEST_CASE("a socket's folder that others could have planted is refused") {
  TemporaryFolder folder;
  CHECK(*make_socket_folder(folder.path()) == folder.path() / "run");
  CHECK(make_socket_folder(folder.path()).ok());
  fs::remove(folder.path() / "run");
  fs::create_directory_symlink("/tmp", folder.path() / "run");
  CHECK(socket_folder(folder.path()) == folder.path() / "run");
  CHECK(make_socket_folder(folder.path()).error().kind == ErrorKind::NotPermitted);
}

}  // namespace
}  // namespace causeway::store
