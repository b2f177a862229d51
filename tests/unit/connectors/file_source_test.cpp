// The source of files, on folders of this machine.
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "tests/support/file_bench.h"

namespace causeway::connectors {
namespace {

using namespace std::chrono_literals;
using testing::eventually;
using testing::files_in;
using testing::OriginIntake;
using testing::read_file;
using testing::write_file;
using Names = std::vector<std::string>;

std::string message(int number) {
  return "MSH|^~\\&|LAB|HOSP|EMR|HOSP|20260301120000||ADT^A01|M" + std::to_string(number) +
         "|P|2.5\rPID|1||" + std::to_string(number) + "\r";
}

struct Bench : testing::FileBench {
  ~Bench() {
    if (reader) reader->stop(0ms);
  }
  void start(const std::string& more = {}, int stable_ms = 0) {
    reader = source("file", R"({"folder": ")" + folder.path().string() +
                                R"(", "poll_interval_ms": 100, "stable_ms": )" +
                                std::to_string(stable_ms) + more + "}");
    REQUIRE(reader->start(intake).ok());
  }
  void restart(const std::string& more = {}) {
    reader->stop(5s);
    start(more);
  }
  void put(const std::string& name, std::string_view text) {
    write_file(folder.path() / name, text);
  }
  bool come_to(const Names& names) {
    return eventually([&] { return files_in(folder.path()) == names; });
  }

  testing::TemporaryFolder folder;
  OriginIntake intake;
  std::unique_ptr<Source> reader;
};

TEST_CASE("File source: a whole file is a message, and is moved when it is stored") {
  Bench bench;
  bench.put("one.hl7", message(1));
  bench.put("empty", "");
  bench.start();
  REQUIRE(bench.intake.wait_for(1));
  CHECK(bench.come_to({"done/empty", "done/one.hl7"}));
  const auto draft = bench.intake.message(0);
  CHECK(draft.body.view() == message(1));
  CHECK(draft.content_type == ContentType::Hl7v2);
  CHECK(draft.sender.address == "file://" + bench.folder.path().string() + "/one.hl7");
  CHECK(draft.batch_place == 0);
  for (const auto& [name, value] : {std::pair("file", std::string("one.hl7")),
                                    std::pair("size", std::to_string(message(1).size()))}) {
    const auto* found = find_attribute(draft.attributes, name);
    REQUIRE(found);
    CHECK(*found == value);
  }
  REQUIRE(find_attribute(draft.attributes, "sha256"));
  CHECK_THAT(draft.origin.value_or(Origin{}).source,
             Catch::EndsWith("\nsha256 " + *find_attribute(draft.attributes, "sha256")));
  REQUIRE(draft.origin);
  CHECK(draft.origin->position == 1);
  CHECK(read_file(bench.folder.path() / "done/one.hl7") == message(1));
  CHECK(bench.reader->probe().good);
}

TEST_CASE("File source: messages of a batch, in their order and with their place") {
  Bench bench;
  bench.put("batch.hl7",
            "FHS|^~\\&|A\rBHS|^~\\&|A\r" + message(1) + message(2) + message(3) + "BTS|3\rFTS|1\r");
  bench.start(R"(, "records": "hl7v2", "on_success": "delete")");
  REQUIRE(bench.intake.wait_for(3));
  CHECK(bench.come_to({}));
  for (int i = 0; i < 3; ++i) {
    const auto draft = bench.intake.message(static_cast<std::size_t>(i));
    CHECK(draft.body.view() == message(i + 1));
    CHECK(draft.batch_place == static_cast<std::uint32_t>(i + 1));
  }
}

TEST_CASE("File source: lines, CSV records and XML elements") {
  Bench bench;
  SECTION("lines") {
    bench.put("a.txt", "one\r\ntwo\n\nthree");
    bench.start(R"(, "records": "line")");
    REQUIRE(bench.intake.wait_for(3));
    CHECK(bench.intake.text(2) == "three");
    CHECK(bench.intake.message(0).content_type == ContentType::Text);
  }
  SECTION("CSV with its header") {
    bench.put("a.csv", "id;name\n1;\"two\nlines\"\n2;x\n");
    bench.start(R"(, "records": "csv", "csv": {"separator": ";", "header": "with_each"})");
    REQUIRE(bench.intake.wait_for(2));
    CHECK(bench.intake.text(0) == "id;name\r\n1;\"two\nlines\"\r\n");
    CHECK(bench.intake.text(1) == "id;name\r\n2;x\r\n");
    CHECK(bench.intake.message(0).content_type == ContentType::Csv);
  }
  SECTION("XML") {
    bench.put("a.xml", "<all xmlns='u'><p>1</p><p>2</p></all>");
    bench.start(R"(, "records": "xml", "xml_element": "p")");
    REQUIRE(bench.intake.wait_for(2));
    CHECK(bench.intake.text(1) == "<p xmlns=\"u\">2</p>");
  }
}

TEST_CASE("File source: which files, and in which order") {
  Bench bench;
  for (auto name : {"b.hl7", "a.hl7", "c.txt", ".hidden.hl7", "d.hl7.tmp", "sub/e.hl7",
                    "sub/deep/f.hl7", "not/g.hl7"})
    bench.put(name, std::string("file ") + name);
  SECTION("patterns and depth") {
    bench.start(R"(, "match": ["*.hl7"], "depth_max": 1, "exclude": ["not/*"])");
    REQUIRE(bench.intake.wait_for(3));
    CHECK(bench.come_to({".hidden.hl7", "c.txt", "d.hl7.tmp", "done/a.hl7", "done/b.hl7",
                         "done/sub/e.hl7", "not/g.hl7", "sub/deep/f.hl7"}));
    CHECK(bench.intake.text(0) == "file a.hl7");
    CHECK(bench.intake.text(1) == "file b.hl7");
  }
  SECTION("by size") {
    bench.put("b.hl7", "x");
    bench.start(R"(, "match": ["?.hl7"], "order": "size")");
    REQUIRE(bench.intake.wait_for(2));
    CHECK(bench.intake.text(0) == "x");
  }
  SECTION("by time") {
    const auto now = std::filesystem::file_time_type::clock::now();
    std::filesystem::last_write_time(bench.folder.path() / "b.hl7", now - 1h);
    bench.start(R"(, "match": ["?.hl7"], "order": "time")");
    REQUIRE(bench.intake.wait_for(2));
    CHECK(bench.intake.text(0) == "file b.hl7");
  }
  SECTION("by age") {
    const auto now = std::filesystem::file_time_type::clock::now();
    std::filesystem::last_write_time(bench.folder.path() / "a.hl7", now - 2h);
    std::filesystem::last_write_time(bench.folder.path() / "b.hl7", now - 26h);
    bench.start(R"(, "depth_max": 2, "age_min_ms": 3600000, "age_max_ms": 86400000)");
    REQUIRE(bench.intake.wait_for(1));
    std::this_thread::sleep_for(300ms);
    CHECK(bench.intake.stored() == 1);
    CHECK(bench.intake.text(0) == "file a.hl7");
  }
}

TEST_CASE("File source: a file that grows is not read before it has stood still") {
  Bench bench;
  bench.put("a.txt", "begin ");
  bench.start({}, 600);
  for (int i = 0; i < 8; ++i) {
    std::this_thread::sleep_for(100ms);
    std::ofstream(bench.folder.path() / "a.txt", std::ios::app) << i << ' ';
  }
  REQUIRE(bench.intake.wait_for(1));
  CHECK(bench.intake.text(0) == "begin 0 1 2 3 4 5 6 7 ");
  CHECK(bench.intake.stored() == 1);
}

TEST_CASE("File source: links and what is no file are never read") {
  Bench bench;
  testing::TemporaryFolder elsewhere;
  write_file(elsewhere.path() / "secret.txt", "secret");
  std::filesystem::create_symlink(elsewhere.path() / "secret.txt", bench.folder.path() / "a.txt");
  std::filesystem::create_directory_symlink(elsewhere.path(), bench.folder.path() / "sub");
  REQUIRE(::mkfifo((bench.folder.path() / "b.txt").c_str(), 0600) == 0);
  bench.put("good.txt", "good");
  bench.start(R"(, "depth_max": 3)");
  REQUIRE(bench.intake.wait_for(1));
  std::this_thread::sleep_for(300ms);
  CHECK(bench.intake.stored() == 1);
  CHECK(bench.intake.text(0) == "good");
}

TEST_CASE("File source: stopped in the middle, then started again, each record is stored once") {
  Bench bench;
  std::string batch;
  for (int i = 0; i < 3000; ++i) batch += message(i);
  bench.put("batch.hl7", batch);
  bench.intake.store_at_most(1000);
  bench.start(R"(, "records": "hl7v2")");
  REQUIRE(bench.intake.wait_for(1000));
  bench.reader->stop(0ms);
  CHECK(files_in(bench.folder.path()) == Names{"batch.hl7"});
  bench.intake.store_at_most(SIZE_MAX);
  bench.start(R"(, "records": "hl7v2")");
  CHECK(bench.come_to({"done/batch.hl7"}));
  REQUIRE(bench.intake.stored() == 3000);
  CHECK(bench.intake.again() >= 1000);
  for (int i : {0, 999, 1000, 2999})
    CHECK(bench.intake.text(static_cast<std::size_t>(i)) == message(i));
  CHECK(bench.intake.most_waiting() <= 1024);  // two windows: the stop left one behind
}

TEST_CASE("File source: the same name again is another file, also with the same content") {
  Bench bench;
  bench.put("a.txt", "same");
  bench.start();
  CHECK(bench.come_to({"done/a.txt"}));
  bench.put("a.txt", "same");
  REQUIRE(bench.intake.wait_for(2));
  CHECK(eventually([&] {
    const auto names = files_in(bench.folder.path());
    return names.size() == 2 && names[0] == "done/a.txt" && names[1].starts_with("done/a.txt.");
  }));
}

TEST_CASE("File source: what is left is remembered, and known again after a start") {
  Bench bench;
  bench.put("a.txt", "one");
  bench.start(R"(, "on_success": "leave")");
  REQUIRE(bench.intake.wait_for(1));
  std::this_thread::sleep_for(300ms);
  CHECK(bench.intake.again() == 0);
  bench.restart(R"(, "on_success": "leave")");
  CHECK(eventually([&] { return bench.intake.again() == 1; }));
  bench.put("a.txt", "other");
  REQUIRE(bench.intake.wait_for(2));
  CHECK(bench.intake.text(1) == "other");
  CHECK(files_in(bench.folder.path()) == Names{"a.txt"});
}

TEST_CASE("File source: what can't be read is put aside with the reason") {
  Bench bench;
  const auto reason = [&](const std::string& name) {
    CHECK(eventually([&] {
      return std::filesystem::exists(bench.folder.path() / ("failed/" + name + ".reason.txt"));
    }));
    return read_file(bench.folder.path() / ("failed/" + name + ".reason.txt"));
  };
  SECTION("a count that is not what came: its messages are stored all the same") {
    bench.put("a.hl7", "BHS|^~\\&|A\r" + message(1) + message(2) + "BTS|3\r");
    bench.start(R"(, "records": "hl7v2")");
    const auto text = reason("a.hl7");
    CHECK_THAT(text, Catch::Contains("3, and not 2"));
    CHECK_THAT(text, Catch::Contains("stored: 2 messages"));
    CHECK(bench.intake.stored() == 2);
  }
  SECTION("broken XML: what came before it is stored") {
    bench.put("a.xml", "<a>\n<p>1</p>\n<p>2</a>");
    bench.start(R"(, "records": "xml", "xml_element": "p")");
    CHECK_THAT(reason("a.xml"), Catch::Contains("line 3"));
    CHECK(bench.intake.stored() == 1);
  }
  SECTION("a record that is too long, a file that is too large") {
    bench.put("a.txt", std::string(2000, 'x') + "\n");
    bench.put("b.txt", std::string(6000, 'x') + "\n");
    bench.start(R"(, "records": "line", "record_bytes_max": 1024, "file_bytes_max": 5000)");
    CHECK_THAT(reason("a.txt"), Catch::Contains("1024 bytes"));
    CHECK_THAT(reason("b.txt"), Catch::Contains("file_bytes_max"));
  }
  SECTION("a record that the store can't take: the others are stored") {
    bench.intake.refuse(ErrorKind::Invalid, 2);
    bench.put("a.txt", "1\n2\n3\n");
    bench.start(R"(, "records": "line")");
    CHECK_THAT(reason("a.txt"), Catch::Contains("record 2"));
    CHECK(bench.intake.stored() == 2);
  }
  // Names of files and what is in them stay out of what operators see.
  CHECK_THAT(bench.log.text(), Catch::Contains("source_file_failed"));
  CHECK_THAT(bench.log.text() + bench.metrics.expose(),
             !Catch::Contains("a.hl7") && !Catch::Contains("a.xml") && !Catch::Contains(".txt"));
}

TEST_CASE("File source: while the store is away nothing is lost, and nothing is put aside") {
  Bench bench;
  bench.put("a.txt", "1\n2\n3\n");
  bench.intake.refuse(ErrorKind::Unavailable, 2);
  bench.start(R"(, "records": "line")");
  REQUIRE(bench.intake.wait_for(2));
  CHECK(eventually([&] { return bench.intake.again() > 0; }));
  CHECK(files_in(bench.folder.path()) == Names{"a.txt"});
  bench.intake.refuse(ErrorKind::None);
  CHECK(bench.come_to({"done/a.txt"}));
  CHECK(bench.intake.stored() == 3);
}

TEST_CASE("File source: while it is paused, or the intake wants no more, nothing is read") {
  Bench bench;
  bench.start();
  const bool by_pause = GENERATE(false, true);
  if (by_pause)
    bench.reader->pause(true);
  else
    bench.intake.want_more(false);
  std::this_thread::sleep_for(200ms);
  bench.put("a.txt", "one");
  CHECK_FALSE(bench.intake.wait_for(1, 300ms));
  if (by_pause)
    bench.reader->pause(false);
  else
    bench.intake.want_more(true);
  CHECK(bench.intake.wait_for(1));
}

TEST_CASE("File source: large files are read twice, and large messages staged") {
  Bench bench;
  const auto large = message(1) + "NTE|1||" + std::string(700'000, 'x') + "\r";
  std::string batch;
  for (int i = 0; i < 30; ++i) batch += large;
  SECTION("a batch") {
    bench.put("a.hl7", batch);
    bench.start(R"(, "records": "hl7v2")");
    REQUIRE(bench.intake.wait_for(30));
    const auto draft = bench.intake.message(29);
    REQUIRE(draft.body.is_staged());
    CHECK(draft.readable_view() == large);
    CHECK(*bench.staging.read(draft.body.staged(), 0, large.size() + 1) == large);
  }
  SECTION("as one message") {
    bench.put("a.bin", batch);
    bench.start();
    REQUIRE(bench.intake.wait_for(1));
    const auto body = bench.intake.message(0).body;
    REQUIRE(body.is_staged());
    CHECK(*bench.staging.read(body.staged(), 0, batch.size() + 1) == batch);
  }
}

TEST_CASE("File source: a folder that isn't there is waited for, and the probe says so") {
  Bench bench;
  const auto path = bench.folder.path() / "later";
  auto reader = bench.source(
      "file", R"({"folder": ")" + path.string() + R"(", "poll_interval_ms": 100, "stable_ms": 0})");
  CHECK_FALSE(reader->probe().good);
  REQUIRE(reader->start(bench.intake).ok());
  CHECK(reader->start(bench.intake).ok());
  CHECK_THAT(reader->probe().text, Catch::Contains("No such file"));
  CHECK(
      eventually([&] { return bench.log.text().find("source_folder_away") != std::string::npos; }));
  write_file(path / "a.txt", "one");
  CHECK(bench.intake.wait_for(1));
  reader->stop(1s);
  reader->stop(1s);
  CHECK_FALSE(reader->probe().good);
}

TEST_CASE("File source: what it refuses to be told") {
  testing::FileBench bench;
  const auto refused = [&](const std::string& more) {
    CHECK_THROWS(bench.source("file", R"({"folder": "/tmp")" + more + "}"));
  };
  CHECK_THROWS(bench.source("file", R"({"folder": "relative"})"));
  refused(R"(, "cron": "61 * * * *")");
  refused(R"(, "records": "xml")");
  refused(R"(, "csv": {"separator": ";;"})");
  refused(R"(, "done_folder": "../done")");
  refused(R"(, "failed_folder": "")");
}

}  // namespace
}  // namespace causeway::connectors
