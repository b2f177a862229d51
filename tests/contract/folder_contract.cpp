// The contract of folders, and of sources and sinks on them.
#include "tests/contract/folder_contract.h"

#include <catch2/catch.hpp>

#include "tests/support/fault_proxy.h"
#include "tests/support/tcp_peer.h"

namespace causeway::contract {
namespace {

using connectors::folder::FileInfo;
using connectors::folder::Folder;
using testing::delivered;
using testing::eventually;
using testing::file_delivery;
using testing::files_in;
using testing::read_file;
using Names = std::vector<std::string>;

std::string message(int number) {
  return "MSH|^~\\&|LAB|HOSP|EMR|HOSP|20260301120000||ADT^A01|M" + std::to_string(number) +
         "|P|2.5\rPID|1||" + std::to_string(number) + "\r";
}

/// Everybody may read, move and write over it: the server is another user.
void put(FolderHarness& harness, const std::string& name, std::string_view text) {
  const auto path = harness.path() / name;
  testing::write_file(path, text);
  for (auto folder = path.parent_path(); folder != harness.path(); folder = folder.parent_path())
    std::filesystem::permissions(folder, std::filesystem::perms::all);
  std::filesystem::permissions(path, std::filesystem::perms(0666));
}

void clear(FolderHarness& harness) {
  for (const auto& entry : std::filesystem::directory_iterator(harness.path()))
    std::filesystem::remove_all(entry.path());
}

/// An open session; outlived by what it stands on.
struct Session {
  explicit Session(FolderHarness& harness) {
    clear(harness);
    opener = harness.opener(bench.loop);
    auto opened = opener->open(stop);
    INFO((opened ? "" : opened.error().str()));
    REQUIRE(opened.ok());
    folder = std::move(*opened);
  }
  ErrorKind written(const std::string& path, std::string_view text) {
    auto writer = folder->create(path);
    if (!writer) return writer.error().kind;
    auto done = (*writer)->write(text);
    if (done) done = (*writer)->finish();
    return done ? ErrorKind::None : done.error().kind;
  }
  std::string read(const std::string& path) {
    auto reader = folder->open(path);
    REQUIRE(reader.ok());
    std::string text, chunk(100'000, '\0');
    for (;;) {
      auto count = (*reader)->read(chunk.data(), chunk.size());
      REQUIRE(count.ok());
      if (*count == 0) return text;
      text.append(chunk, 0, *count);
    }
  }

  testing::FileBench bench;
  std::atomic<bool> stop{false};
  std::unique_ptr<connectors::folder::Opener> opener;
  std::unique_ptr<Folder> folder;
};

void check_reading(FolderHarness& harness) {
  SECTION("folder: what is in it, with size and time; and the same asked one by one") {
    Session session(harness);
    put(harness, "a.txt", "12345");
    put(harness, "sub/b.txt", "1");
    auto listed = session.folder->list("", 100);
    REQUIRE(listed.ok());
    std::sort(listed->begin(), listed->end(),
              [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
    REQUIRE(listed->size() == 2);
    CHECK((*listed)[0].path == "a.txt");
    CHECK((*listed)[0].size == 5);
    CHECK((*listed)[0].modified_ns > std::int64_t{1'600'000'000} * 1'000'000'000);
    CHECK((*listed)[1].path == "sub");
    CHECK((*listed)[1].is_folder);
    const auto looked = session.folder->look("a.txt");
    REQUIRE(looked.ok());
    CHECK(*looked == (*listed)[0]);
    const auto inner = session.folder->list("sub", 100);
    REQUIRE(inner.ok());
    REQUIRE(inner->size() == 1);
    CHECK((*inner)[0].path == "sub/b.txt");
    CHECK(session.folder->list("", 1)->size() == 1);
    CHECK(session.folder->list("none", 1).error().kind == ErrorKind::NotFound);
    CHECK(session.folder->look("none").error().kind == ErrorKind::NotFound);
  }
  SECTION("folder: links are not shown") {
    Session session(harness);
    put(harness, "a.txt", "12345");
    std::filesystem::create_symlink(harness.path() / "a.txt", harness.path() / "link");
    if (harness.shows_links()) {
      CHECK(session.folder->list("", 100)->size() == 1);
      CHECK_FALSE(session.folder->look("link").ok());
      CHECK_FALSE(session.folder->open("link").ok());
    }
  }
  SECTION("folder: names of any bytes but / and NUL") {
    Session session(harness);
    for (auto name : {"with space", "Müller", "semi;colon", "-dash", "quote'\""}) {
      put(harness, name, name);
      CHECK(session.read(name) == name);
    }
    CHECK(session.folder->list("", 100)->size() == 5);
  }
  SECTION("folder: reading") {
    Session session(harness);
    std::string large;
    for (int i = 0; large.size() < 3'000'000; ++i) large += std::to_string(i) + " ";
    put(harness, "large", large);
    put(harness, "empty", "");
    CHECK(session.read("large") == large);
    CHECK(session.read("empty").empty());
    CHECK(session.folder->open("none").error().kind == ErrorKind::NotFound);
    CHECK_FALSE(session.folder->is_lost());
    CHECK(session.folder->keep_alive());
  }
}

void check_writing(FolderHarness& harness) {
  SECTION("folder: writing, and writing anew") {
    Session session(harness);
    const std::string large(2'000'000, 'x');
    CHECK(session.written("a", large) == ErrorKind::None);
    CHECK(read_file(harness.path() / "a") == large);
    CHECK(session.written("a", "short") == ErrorKind::None);
    CHECK(read_file(harness.path() / "a") == "short");
    CHECK(session.written("none/a", "x") != ErrorKind::None);
    CHECK_FALSE(session.folder->is_lost());
  }
  SECTION("folder: going on in a file") {
    Session session(harness);
    if (!harness.appends()) return;
    for (const std::uint64_t size : {0u, 3u, 2u}) {
      auto writer = session.folder->extend("a", size);
      REQUIRE(writer.ok());
      REQUIRE((*writer)->write("abc").ok());
      REQUIRE((*writer)->finish().ok());
    }
    CHECK(read_file(harness.path() / "a") == "ababc");
  }
  SECTION("folder: a new name, never over another file unless it is asked for") {
    Session session(harness);
    put(harness, "a", "one");
    put(harness, "b", "two");
    const auto refused = session.folder->rename("a", "b", Folder::OnExisting::Refuse);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().kind == ErrorKind::Conflict);
    CHECK(read_file(harness.path() / "b") == "two");
    CHECK(session.folder->rename("a", "b", Folder::OnExisting::Replace).ok());
    CHECK(read_file(harness.path() / "b") == "one");
    CHECK(session.folder->rename("b", "c", Folder::OnExisting::Refuse).ok());
    CHECK(files_in(harness.path()) == Names{"c"});
    CHECK(session.folder->rename("none", "d", Folder::OnExisting::Refuse).error().kind ==
          ErrorKind::NotFound);
    CHECK(session.folder->sync_names("").ok());
  }
  SECTION("folder: removing, and making folders") {
    Session session(harness);
    put(harness, "a", "one");
    CHECK(session.folder->remove("a").ok());
    CHECK(session.folder->remove("a").error().kind == ErrorKind::NotFound);
    for (int i = 0; i < 2; ++i) CHECK(session.folder->make_folders("one/two/three").ok());
    CHECK(session.written("one/two/three/a", "x") == ErrorKind::None);
    put(harness, "file", "x");
    CHECK_FALSE(session.folder->make_folders("file/sub").ok());
  }
  SECTION("folder: nothing leads out of it") {
    Session session(harness);
    for (const std::string path : {"../x", "..", "a/../../x", "a//b", "./x"}) {
      CHECK_FALSE(session.folder->open(path).ok());
      CHECK(session.written(path, "x") != ErrorKind::None);
      CHECK_FALSE(session.folder->list(path, 10).ok());
    }
  }
}

/// A source and a sink on the harness's folder.
struct Ends : testing::FileBench {
  explicit Ends(FolderHarness& h) : harness(h) {
    environment.secrets = &secrets;
    clear(harness);
  }
  ~Ends() {
    if (reader) reader->stop(Milliseconds(0));
    if (writer) writer->stop(Milliseconds(0));
  }
  void start_source(const std::string& more, std::uint16_t port = 0, int timeout_ms = 20'000) {
    reader =
        source(harness.kind(), "{" + harness.fields(port, timeout_ms) +
                                   R"(, "poll_interval_ms": 100, "stable_ms": 0)" + more + "}");
    REQUIRE(reader->start(intake).ok());
  }
  void start_sink(const std::string& more, std::uint16_t port = 0, int timeout_ms = 20'000) {
    writer = sink(harness.kind(), "{" + harness.fields(port, timeout_ms) + more + "}");
    REQUIRE(writer->start().ok());
  }
  Names files() const { return files_in(harness.path()); }

  FolderHarness& harness;
  testing::FixedSecrets secrets{"open sesame"};
  testing::OriginIntake intake;
  std::unique_ptr<Source> reader;
  std::unique_ptr<Sink> writer;
};

std::string batch_of(int messages) {
  std::string batch = "BHS|^~\\&|A\r";
  for (int i = 0; i < messages; ++i) batch += message(i);
  return batch + "BTS|" + std::to_string(messages) + "\r";
}

void check_stored(const testing::OriginIntake& intake, int messages) {
  REQUIRE(intake.stored() == static_cast<std::size_t>(messages));
  for (int i = 0; i < messages; ++i)
    if (intake.text(static_cast<std::size_t>(i)) != message(i)) FAIL("message " << i);
}

}  // namespace

void check_folder(FolderHarness& harness) {
  check_reading(harness);
  check_writing(harness);
}

void check_folder_ends(FolderHarness& harness) {
  SECTION("source: a batch is stored, message by message, and the file moved") {
    Ends ends(harness);
    put(harness, "in.hl7", batch_of(700));
    ends.start_source(R"(, "records": "hl7v2")");
    CHECK(eventually([&] { return ends.files() == Names{"done/in.hl7"}; }));
    check_stored(ends.intake, 700);
    CHECK(ends.reader->probe().good);
    CHECK(ends.intake.message(0).sender.address == ends.reader->address() + "/in.hl7");
  }
  SECTION("source: deleted, or put aside with the reason") {
    Ends ends(harness);
    put(harness, "bad.hl7", "BHS|^~\\&|A\r" + message(0) + "BTS|9\r");
    put(harness, "good.hl7", message(1));
    ends.start_source(R"(, "records": "hl7v2", "on_success": "delete")");
    CHECK(eventually([&] {
      return ends.files() == Names{"failed/bad.hl7", "failed/bad.hl7.reason.txt"};
    }));
    CHECK_THAT(read_file(harness.path() / "failed/bad.hl7.reason.txt"),
               Catch::Contains("9, and not 1"));
    CHECK(ends.intake.stored() == 2);
  }
  SECTION("sink: a file for each message; a later try finds it; another content is rejected") {
    Ends ends(harness);
    ends.start_sink(R"(, "name": "{date}/{control_id}.hl7")");
    CHECK(delivered(*ends.writer, file_delivery(1, message(1))).outcome == Outcome::Delivered);
    CHECK(delivered(*ends.writer, file_delivery(1, message(1))).outcome == Outcome::Delivered);
    CHECK(ends.files() == Names{"20260301/M1.hl7"});
    CHECK(read_file(harness.path() / "20260301/M1.hl7") == message(1));
    CHECK(delivered(*ends.writer, file_delivery(2, message(1) + "NTE|1\r")).outcome ==
          Outcome::Rejected);
    CHECK(ends.writer->probe().good);
  }
  SECTION("sink: replaced, appended") {
    Ends ends(harness);
    ends.start_sink(R"(, "name": "a.txt", "on_existing": "replace")");
    for (auto text : {"one", "two"})
      CHECK(delivered(*ends.writer, file_delivery(1, text)).outcome == Outcome::Delivered);
    CHECK(read_file(harness.path() / "a.txt") == "two");
    if (!harness.appends()) return;
    ends.start_sink(R"(, "name": "a.txt", "on_existing": "append", "separator": "\n")");
    for (int i : {1, 2, 2})
      CHECK(delivered(*ends.writer, file_delivery(i, std::to_string(i))).outcome ==
            Outcome::Delivered);
    CHECK(read_file(harness.path() / "a.txt") == "two1\n2\n");
  }
}

void check_folder_faults(FolderHarness& harness) {
  using testing::FaultProxy;
  SECTION("faults: nobody listens, then somebody does") {
    Ends ends(harness);
    const auto port = testing::unused_port();
    put(harness, "in.hl7", message(0));
    ends.start_source("", port);
    ends.start_sink("", port);
    const auto attempt = delivered(*ends.writer, file_delivery(1, "x"));
    CHECK(attempt.outcome == Outcome::Deferred);
    CHECK(attempt.destination_down);
    CHECK_FALSE(ends.writer->probe().good);
    CHECK_THAT(ends.reader->probe().text, Catch::Contains(std::to_string(port)));
  }
  SECTION("faults: cut again and again while a file is read: each message is stored once") {
    Ends ends(harness);
    FaultProxy proxy(harness.port());
    put(harness, "in.hl7", batch_of(4000));
    for (int i = 0; i < 3; ++i) {
      proxy.cut_after(FaultProxy::Way::ToClient, 60'000);
      if (i == 0) ends.start_source(R"(, "records": "hl7v2")", proxy.port());
      CHECK(eventually([&] {
        return ends.log.text().find("source_folder_away") != std::string::npos ||
               ends.intake.stored() == 4000 ||
               ends.metrics.expose().find("result=\"deferred\"") != std::string::npos;
      }));
    }
    proxy.cut_after(FaultProxy::Way::ToClient, SIZE_MAX);
    CHECK(eventually([&] { return ends.files() == Names{"done/in.hl7"}; }));
    check_stored(ends.intake, 4000);
  }
  SECTION("faults: cut while a file is written: deferred, nothing to be seen, and then delivered") {
    Ends ends(harness);
    FaultProxy proxy(harness.port());
    ends.start_sink(R"(, "name": "a.bin")", proxy.port());
    const std::string large(2'000'000, 'x');
    proxy.cut_after(FaultProxy::Way::ToServer, 500'000);
    const auto attempt = delivered(*ends.writer, file_delivery(1, large));
    CHECK(attempt.outcome == Outcome::Deferred);
    CHECK_FALSE(std::filesystem::exists(harness.path() / "a.bin"));
    proxy.cut_after(FaultProxy::Way::ToServer, SIZE_MAX);
    CHECK(eventually([&] {
      return delivered(*ends.writer, file_delivery(1, large)).outcome == Outcome::Delivered;
    }));
    CHECK(ends.files() == Names{"a.bin"});
    CHECK(read_file(harness.path() / "a.bin") == large);
  }
  SECTION("faults: a line that slices") {
    Ends ends(harness);
    FaultProxy proxy(harness.port());
    proxy.slice(700);
    put(harness, "in.hl7", batch_of(300));
    ends.start_source(R"(, "records": "hl7v2")", proxy.port());
    CHECK(eventually([&] { return ends.files() == Names{"done/in.hl7"}; }));
    check_stored(ends.intake, 300);
  }
  SECTION("faults: a server that says nothing any more: deferred after the time-out") {
    Ends ends(harness);
    FaultProxy proxy(harness.port());
    ends.start_sink(R"(, "name": "{message_id}")", proxy.port(), 1500);
    CHECK(delivered(*ends.writer, file_delivery(1, "one")).outcome == Outcome::Delivered);
    proxy.hold_back(FaultProxy::Way::ToClient, true);
    const auto attempt = delivered(*ends.writer, file_delivery(2, "two"));
    CHECK(attempt.outcome == Outcome::Deferred);
    CHECK(attempt.destination_down);
    proxy.hold_back(FaultProxy::Way::ToClient, false);
    CHECK(eventually([&] {
      return delivered(*ends.writer, file_delivery(2, "two")).outcome == Outcome::Delivered;
    }));
  }
  SECTION("faults: a stop doesn't wait for a server that says nothing") {
    Ends ends(harness);
    FaultProxy proxy(harness.port());
    proxy.hold_back(FaultProxy::Way::ToClient, true);
    put(harness, "in.hl7", message(0));
    ends.start_source("", proxy.port(), 600'000);
    ends.start_sink("", proxy.port(), 600'000);
    auto promise = std::make_shared<std::promise<Attempt>>();
    auto outcome = promise->get_future();
    ends.writer->deliver(file_delivery(1, "x"),
                         [promise](Attempt attempt) { promise->set_value(std::move(attempt)); });
    CHECK(eventually([&] { return proxy.passed(FaultProxy::Way::ToServer) > 0; }));
    ends.writer->stop(Milliseconds(10));
    ends.reader->stop(Milliseconds(10));
    REQUIRE(outcome.wait_for(std::chrono::seconds(0)) == std::future_status::ready);
    CHECK(outcome.get().outcome == Outcome::Deferred);
  }
}

}  // namespace causeway::contract
