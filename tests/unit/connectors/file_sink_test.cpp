// The sink of files, on folders of this machine.
#include <signal.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "tests/support/file_bench.h"

namespace causeway::connectors {
namespace {

using namespace std::chrono_literals;
using testing::delivered;
using testing::file_delivery;
using testing::files_in;
using testing::read_file;
using testing::write_file;
using Names = std::vector<std::string>;

struct Bench : testing::FileBench {
  ~Bench() {
    if (writer) writer->stop(0ms);
  }
  void start(const std::string& more = {}) {
    writer = sink("file", R"({"folder": ")" + folder.path().string() + "\"" + more + "}");
    REQUIRE(writer->start().ok());
  }
  Names files() const { return files_in(folder.path()); }
  std::string text(const std::string& name) const { return read_file(folder.path() / name); }

  testing::TemporaryFolder folder;
  std::unique_ptr<Sink> writer;
};

/// The largest file that this process may write, for the length of a scope: a disk that is full.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    auto limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_CASE("File sink: a file for each message, and nothing else") {
  Bench bench;
  bench.start(R"(, "name": "{date}/{control_id}.hl7")");
  const std::string body = "MSH|^~\\&|A|B|C|D|2026||ADT^A01|M1|P|2.5\r";
  const auto attempt = delivered(*bench.writer, file_delivery(1, body));
  CHECK(attempt.outcome == Outcome::Delivered);
  CHECK(attempt.response == "written as 20260301/M1.hl7");
  CHECK(bench.files() == Names{"20260301/M1.hl7"});
  CHECK(bench.text("20260301/M1.hl7") == body);
  CHECK(bench.writer->probe().good);
}

TEST_CASE("File sink: a staged body is written whole; one that can't be read is deferred") {
  Bench bench;
  bench.start(R"(, "name": "a.bin")");
  const std::string large(3'000'000, 'x');
  auto delivery = file_delivery(1, "");
  delivery.body = bench.staging.put(large);
  CHECK(delivered(*bench.writer, delivery).outcome == Outcome::Delivered);
  CHECK(bench.text("a.bin") == large);
  bench.staging.go_away(true);
  delivery.work.message.value += 1 << 16;
  std::filesystem::remove(bench.folder.path() / "a.bin");
  CHECK(delivered(*bench.writer, delivery).outcome == Outcome::Deferred);
  CHECK(bench.files().empty());
}

TEST_CASE("File sink: a later try finds what an earlier one left") {
  Bench bench;
  bench.start();
  const auto delivery = file_delivery(1, "content");
  const auto name = to_string(delivery.work.message) + "-1.hl7";
  SECTION("the whole file: it is not written twice") {
    REQUIRE(delivered(*bench.writer, delivery).outcome == Outcome::Delivered);
    const auto written = std::filesystem::last_write_time(bench.folder.path() / name);
    std::this_thread::sleep_for(20ms);
    CHECK(delivered(*bench.writer, delivery).outcome == Outcome::Delivered);
    CHECK(std::filesystem::last_write_time(bench.folder.path() / name) == written);
  }
  SECTION("a part of it under its temporary name") {
    write_file(bench.folder.path() / ("." + to_string(delivery.work.message) + "-1.part"), "con");
    CHECK(delivered(*bench.writer, delivery).outcome == Outcome::Delivered);
  }
  CHECK(bench.files() == Names{name});
  CHECK(bench.text(name) == "content");
}

TEST_CASE("File sink: a file of another content is not written over, unless it is asked to") {
  Bench bench;
  write_file(bench.folder.path() / "a.hl7", "first");
  SECTION("rejected") {
    bench.start(R"(, "name": "a.hl7")");
    const auto attempt = delivered(*bench.writer, file_delivery(1, "other"));
    CHECK(attempt.outcome == Outcome::Rejected);
    CHECK(attempt.reason.kind == ErrorKind::Conflict);
    CHECK_FALSE(attempt.destination_down);
    CHECK(bench.text("a.hl7") == "first");
  }
  SECTION("replaced") {
    bench.start(R"(, "name": "a.hl7", "on_existing": "replace")");
    CHECK(delivered(*bench.writer, file_delivery(1, "other")).outcome == Outcome::Delivered);
    CHECK(bench.text("a.hl7") == "other");
  }
  CHECK(bench.files() == Names{"a.hl7"});
}

TEST_CASE("File sink: appending, and a later try of what was appended in whole or in part") {
  Bench bench;
  bench.start(R"(, "name": "all.txt", "on_existing": "append", "separator": "\n")");
  CHECK(bench.writer->concurrency() == 1);
  for (int i = 0; i < 3; ++i)
    CHECK(delivered(*bench.writer, file_delivery(i, "line " + std::to_string(i))).outcome ==
          Outcome::Delivered);
  CHECK(bench.text("all.txt") == "line 0\nline 1\nline 2\n");
  CHECK(delivered(*bench.writer, file_delivery(2, "line 2")).outcome == Outcome::Delivered);
  CHECK(bench.text("all.txt") == "line 0\nline 1\nline 2\n");
  SECTION("a part") {
    std::filesystem::resize_file(bench.folder.path() / "all.txt", 17);
    REQUIRE(bench.text("all.txt") == "line 0\nline 1\nlin");
    CHECK(delivered(*bench.writer, file_delivery(2, "line 2")).outcome == Outcome::Delivered);
    CHECK(bench.text("all.txt") == "line 0\nline 1\nline 2\n");
  }
  SECTION("somebody else has written behind it: his bytes stay") {
    std::ofstream(bench.folder.path() / "all.txt", std::ios::app) << "other\n";
    CHECK(delivered(*bench.writer, file_delivery(2, "line 2")).outcome == Outcome::Delivered);
    CHECK(bench.text("all.txt") == "line 0\nline 1\nline 2\nother\nline 2\n");
  }
  SECTION("the file was taken away") {
    std::filesystem::remove(bench.folder.path() / "all.txt");
    CHECK(delivered(*bench.writer, file_delivery(3, "line 3")).outcome == Outcome::Delivered);
    CHECK(bench.text("all.txt") == "line 3\n");
  }
}

TEST_CASE("File sink: a full disk is deferred, leaves nothing, and is got over") {
  Bench bench;
  bench.start(R"(, "name": "a.bin")");
  const std::string large(500'000, 'x');
  {
    const FileSizeLimit limit(100'000);
    const auto attempt = delivered(*bench.writer, file_delivery(1, large));
    CHECK(attempt.outcome == Outcome::Deferred);
    CHECK(attempt.destination_down);
    CHECK(attempt.reason.kind == ErrorKind::Unavailable);
    CHECK(bench.files().empty());
  }
  CHECK(delivered(*bench.writer, file_delivery(1, large)).outcome == Outcome::Delivered);
  CHECK(bench.text("a.bin") == large);
}

TEST_CASE("File sink: a folder that isn't there, and a link that leads out of it") {
  Bench bench;
  SECTION("no folder") {
    bench.writer = bench.sink("file", R"({"folder": "/nonexistent/folder"})");
    REQUIRE(bench.writer->start().ok());
    const auto attempt = delivered(*bench.writer, file_delivery(1, "x"));
    CHECK(attempt.outcome == Outcome::Deferred);
    CHECK(attempt.destination_down);
    CHECK_FALSE(bench.writer->probe().good);
  }
  SECTION("a link") {
    testing::TemporaryFolder elsewhere;
    std::filesystem::create_directory_symlink(elsewhere.path(), bench.folder.path() / "sub");
    bench.start(R"(, "name": "sub/a.txt")");
    CHECK(delivered(*bench.writer, file_delivery(1, "x")).outcome == Outcome::Deferred);
    CHECK(files_in(elsewhere.path()).empty());
  }
}

TEST_CASE("File sink: before a start, after a stop and without the lease nothing is written") {
  Bench bench;
  bench.start(R"(, "connections": 2)");
  CHECK(bench.writer->concurrency() == 2);
  bench.holds_lease = false;
  CHECK(delivered(*bench.writer, file_delivery(1, "x")).reason.kind == ErrorKind::Stopped);
  bench.holds_lease = true;
  bench.writer->stop(1s);
  bench.writer->stop(1s);
  CHECK(delivered(*bench.writer, file_delivery(1, "x")).reason.kind == ErrorKind::Stopped);
  CHECK(bench.files().empty());
  REQUIRE(bench.writer->start().ok());
  CHECK(delivered(*bench.writer, file_delivery(1, "x")).outcome == Outcome::Delivered);
}

TEST_CASE("File sink: many at once") {
  Bench bench;
  bench.start(R"(, "connections": 4)");
  std::vector<std::future<Attempt>> attempts;
  for (int i = 0; i < 100; ++i) {
    auto promise = std::make_shared<std::promise<Attempt>>();
    attempts.push_back(promise->get_future());
    bench.writer->deliver(file_delivery(i, "body " + std::to_string(i)),
                          [promise](Attempt attempt) { promise->set_value(std::move(attempt)); });
  }
  for (auto& attempt : attempts) CHECK(attempt.get().outcome == Outcome::Delivered);
  CHECK(bench.files().size() == 100);
}

}  // namespace
}  // namespace causeway::connectors
