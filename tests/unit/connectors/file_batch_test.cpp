// Deliveries put together into batches: complete by count, size and age, and none lost or doubled
// wherever a kill comes.
#include <catch2/catch.hpp>

#include "connectors/file/local_folder.h"
#include "connectors/support/folder/batch_file.h"
#include "engine/formats/hl7v2/batch.h"
#include "tests/support/file_bench.h"

namespace causeway::connectors {
namespace {

using namespace std::chrono_literals;
using folder::BatchFile;
using testing::delivered;
using testing::eventually;
using testing::files_in;
using testing::read_file;
using Names = std::vector<std::string>;

StoredDelivery message(int number, const std::string& more = "\r") {
  auto delivery = testing::file_delivery(
      number, "MSH|^~\\&|A|F|B|G|2026||ADT^A01|M" + std::to_string(number) + "|P|2.5" + more);
  delivery.content_type = ContentType::Hl7v2;
  return delivery;
}

/// The files that readers see.
Names visible(const std::filesystem::path& folder) {
  Names names;
  for (const auto& name : files_in(folder))
    if (!name.starts_with(".")) names.push_back(name);
  return names;
}

/// Control ids of all messages in all visible files, in the order of names, each file's counts
/// checked: "1 2 3".
std::string messages_in(const std::filesystem::path& folder) {
  std::string found;
  for (const auto& name : visible(folder)) {
    hl7v2::BatchReader reader(1'000'000);
    const auto on_item = [&](const hl7v2::BatchItem& item) -> Status {
      CHECK(item.problem == hl7v2::BatchProblem::None);
      const auto at = item.text.find("|M");
      if (item.kind == hl7v2::BatchItem::Kind::Message)
        found.append(found.empty() ? "" : " ") +=
            std::string(item.text.substr(at + 2, item.text.find('|', at + 2) - at - 2));
      return Done{};
    };
    REQUIRE(reader.push(read_file(folder / name), on_item).ok());
    REQUIRE(reader.finish(on_item).ok());
  }
  return found;
}

struct Bench : testing::FileBench {
  ~Bench() {
    if (writer) writer->stop(5s);
  }
  void start(const std::string& batch) {
    writer = sink("file",
                  R"({"folder": ")" + folder.path().string() + R"(", "batch": {)" + batch + "}}");
    REQUIRE(writer->start().ok());
  }
  Outcome deliver(StoredDelivery delivery) {
    return delivered(*writer, std::move(delivery)).outcome;
  }

  testing::TemporaryFolder folder;
  std::unique_ptr<Sink> writer;
};

TEST_CASE("File batches: complete by their count, with headers that name the parties") {
  Bench bench;
  bench.start(R"("messages_max": 2)");
  for (int n = 1; n <= 3; ++n)
    CHECK(bench.deliver(message(n, n == 2 ? "\rPID|1" : "\r")) == Outcome::Delivered);
  REQUIRE(visible(bench.folder.path()).size() == 1);
  const auto text = read_file(bench.folder.path() / visible(bench.folder.path()).front());
  const auto id = visible(bench.folder.path()).front();
  const auto name = id.substr(0, id.find('.'));
  CHECK(text.starts_with("FHS|^~\\&|A|F|B|G|"));
  CHECK(text.find("|||" + name.substr(0, name.find('-'))) != std::string::npos);
  CHECK(text.ends_with("|P|2.5\rMSH|^~\\&|A|F|B|G|2026||ADT^A01|M2|P|2.5\rPID|1\rBTS|2\rFTS|1\r"));
  bench.writer->stop(5s);  // what is open is closed
  CHECK(messages_in(bench.folder.path()) == "1 2 3");
}

TEST_CASE("File batches: complete by their size and by their age") {
  Bench by_size;
  by_size.start(R"("bytes_max": 1024, "headers": "none")");
  for (int n = 1; n <= 3; ++n)
    CHECK(by_size.deliver(message(n, "\rNTE|1||" + std::string(600, 'x'))) == Outcome::Delivered);
  CHECK(messages_in(by_size.folder.path()) == "1 2");
  CHECK(visible(by_size.folder.path()).size() == 2);
  Bench by_age;
  by_age.start(R"("age_max_ms": 200, "headers": "batch")");
  CHECK(by_age.deliver(message(1)) == Outcome::Delivered);
  CHECK(eventually([&] { return messages_in(by_age.folder.path()) == "1"; }));
}

TEST_CASE("File batches: what is no HL7 v2 is rejected, and an edited message is another") {
  Bench bench;
  bench.start(R"("messages_max": 3)");
  auto json = message(1);
  json.content_type = ContentType::Json;
  CHECK(bench.deliver(json) == Outcome::Rejected);
  CHECK(bench.deliver(message(1)) == Outcome::Delivered);
  CHECK(bench.deliver(message(1)) == Outcome::Delivered);  // known
  CHECK(bench.deliver(message(1, "\rZZZ|edited\r")) == Outcome::Delivered);
  bench.writer->stop(5s);
  CHECK(messages_in(bench.folder.path()) == "1 1");
}

TEST_CASE("File batches: one that waited while nothing ran is closed when its age says so") {
  testing::TemporaryFolder folder;
  MachineClock clock;
  std::atomic<bool> never{false};
  auto parsed = std::make_unique<file::LocalOpener>(folder.path().string());
  folder::SinkSettings settings;
  settings.name = *folder::NameTemplate::parse("{message_id}-{part}.hl7");
  settings.batch = hl7v2::BatchRules{.messages_max = 10, .bytes_max = 1'000'000, .age_max = 1h};
  const std::function<bool()> may_send = [] { return true; };
  auto session = *parsed->open(never);
  BatchFile first({settings, "x", nullptr, clock, may_send});
  CHECK(first.add(*session, message(1)).outcome == Outcome::Delivered);
  settings.batch->age_max = 0ms;
  BatchFile second({settings, "x", nullptr, clock, may_send});
  CHECK(!second.due_at());
  REQUIRE(second.load(*session).ok());
  REQUIRE(second.due_at());
  CHECK(*second.due_at() <= clock.now());
  REQUIRE(second.close(*session).ok());
  CHECK(messages_in(folder.path()) == "1");
}

/// Fails for good at its nth step, as a killed process does nothing more; a write is done by half.
class KilledFolder final : public folder::Folder {
 public:
  KilledFolder(std::unique_ptr<Folder> real, int steps) : real_(std::move(real)), left_(steps) {}
  bool is_lost() const override { return left_ < 0; }
  int left() const { return left_; }

  Result<std::vector<folder::FileInfo>> list(const std::string& path, std::size_t most) override {
    return step() ? real_->list(path, most) : lost();
  }
  Result<folder::FileInfo> look(const std::string& path) override {
    return step() ? real_->look(path) : lost();
  }
  Result<std::unique_ptr<Reader>> open(const std::string& path) override {
    return step() ? real_->open(path) : lost();
  }
  Result<std::unique_ptr<Writer>> create(const std::string& path) override {
    return wrapped(step() ? real_->create(path) : lost());
  }
  Result<std::unique_ptr<Writer>> extend(const std::string& path, std::uint64_t size) override {
    return wrapped(step() ? real_->extend(path, size) : lost());
  }
  /// As protocols do that can't replace a file in one step.
  Status rename(const std::string& from, const std::string& to, OnExisting existing) override {
    if (existing == OnExisting::Replace && step()) (void)real_->remove(to);
    return step() ? real_->rename(from, to, existing) : lost();
  }
  Status remove(const std::string& path) override { return step() ? real_->remove(path) : lost(); }
  Status make_folders(const std::string& path) override {
    return step() ? real_->make_folders(path) : lost();
  }
  Status sync_names(const std::string& path) override {
    return step() ? real_->sync_names(path) : lost();
  }
  bool keep_alive() override { return true; }

 private:
  struct HalfWriter final : Writer {
    Status write(std::string_view bytes) override {
      if (folder->step()) return real->write(bytes);
      (void)real->write(bytes.substr(0, bytes.size() / 2));
      return lost();
    }
    Status finish() override { return folder->step() ? real->finish() : lost(); }
    KilledFolder* folder = nullptr;
    std::unique_ptr<Writer> real;
  };

  static Error lost() { return {ErrorKind::Unavailable, "", "killed"}; }
  bool step() { return left_ >= 0 && --left_ >= 0; }
  Result<std::unique_ptr<Writer>> wrapped(Result<std::unique_ptr<Writer>> real) {
    if (!real) return real.error();
    auto writer = std::make_unique<HalfWriter>();
    writer->folder = this;
    writer->real = std::move(*real);
    return std::unique_ptr<Writer>(std::move(writer));
  }

  std::unique_ptr<Folder> real_;
  int left_;
};

TEST_CASE("File batches: a kill at any step neither loses nor doubles a message") {
  MachineClock clock;
  std::atomic<bool> never{false};
  folder::SinkSettings settings;
  settings.name = *folder::NameTemplate::parse("{message_id}-{part}.hl7");
  settings.batch = hl7v2::BatchRules{.messages_max = 3, .bytes_max = 1'000'000, .age_max = 1h};
  const std::function<bool()> may_send = [] { return true; };
  bool ran_through = false;
  int kills = 0;
  for (int steps = 0; !ran_through; ++steps, ++kills) {
    INFO(steps);
    testing::TemporaryFolder folder;
    file::LocalOpener opener(folder.path().string());
    int next = 1;
    {
      KilledFolder killed(*opener.open(never), steps);
      BatchFile batch({settings, "x", nullptr, clock, may_send});
      while (next <= 7 && batch.add(killed, message(next)).outcome == Outcome::Delivered) ++next;
      ran_through = next > 7 && batch.close(killed).ok();
    }
    // Of the last ones the engine has not committed the outcome: it tries them again.
    auto session = *opener.open(never);
    BatchFile batch({settings, "x", nullptr, clock, may_send});
    for (int n = std::max(1, next - 4); n <= 7; ++n)
      REQUIRE(batch.add(*session, message(n)).outcome == Outcome::Delivered);
    REQUIRE(batch.close(*session).ok());
    REQUIRE(messages_in(folder.path()) == "1 2 3 4 5 6 7");
  }
  CHECK(kills > 50);
}

}  // namespace
}  // namespace causeway::connectors
