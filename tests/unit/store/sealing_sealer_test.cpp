#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <thread>

#include "engine/store/sealing/aes_gcm_sealer.h"
#include "engine/store/sealing/derived_keys.h"
#include "tests/support/memory_key_table.h"
#include "tests/support/temporary_folder.h"

namespace causeway::store {
namespace {

const Day day{std::chrono::year(2026) / 11 / 24};
const RetentionClass normal{0};
const std::string admit =
    "MSH|^~\\&|ADT1|GOOD HEALTH|GHH LAB|LAB|202611241200||ADT^A01^ADT_A01|MSG00001|P|2.5\r"
    "EVN||202611241200\rPID|1||4711^^^HOSP^MR||EVERYMAN^ADAM^A||19610615|M||C|1200 N ELM STREET^^"
    "GREENSBORO^NC^27401-1020|GL|(919)379-1212|(919)271-3434||S||4711^^^HOSP^AN|123456789\r";

struct Bench {
  testing::TemporaryFolder folder;
  testing::MemoryKeyTable table;
  std::unique_ptr<MasterKeys> masters = *MasterKeys::open(folder.path() / "keys");
  DataKeys keys{table, *masters};
  std::unique_ptr<AesGcmSealer> sealer = *AesGcmSealer::make(keys, NodeId{1}, Epoch{1});
  SealPlace place{first_id_of(day).value + 5, Role::Message, 0};
};

std::string random_text(std::size_t size) {
  std::mt19937 random(42);
  std::string text(size, '\0');
  for (auto& c : text) c = static_cast<char>(random());
  return text;
}

TEST_CASE("what was sealed opens byte for byte, whatever its size and content") {
  Bench bench;
  for (std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{48}, std::size_t{49}, std::size_t{1500},
        std::size_t{65536}, std::size_t{4194304}, sealed_plain_bytes_max})
    for (const auto& plain : {std::string(size, 'a'), random_text(size)}) {
      auto sealed = bench.sealer->seal(bench.place, normal, plain);
      REQUIRE(sealed.ok());
      REQUIRE(sealed->size() <= plain.size() + 34);
      auto opened = bench.sealer->open(bench.place, *sealed);
      REQUIRE(opened.ok());
      REQUIRE((*opened == plain));
    }
  auto too_large =
      bench.sealer->seal(bench.place, normal, std::string(sealed_plain_bytes_max + 1, 'a'));
  CHECK(too_large.error().kind == ErrorKind::Limit);
}

TEST_CASE("sealed bytes show nothing of the content") {
  Bench bench;
  auto sealed = *bench.sealer->seal(bench.place, normal, admit);
  CHECK(sealed.find("EVERYMAN") == std::string::npos);
  CHECK(sealed.size() < admit.size());
  CHECK(*bench.sealer->seal(bench.place, normal, admit) != sealed);
}

TEST_CASE("every altered, missing or added byte is noticed") {
  Bench bench;
  for (const std::string& plain : {std::string("short"), admit}) {
    const auto sealed = *bench.sealer->seal(bench.place, normal, plain);
    for (std::size_t i = 0; i < sealed.size(); ++i)
      for (int bit = 0; bit < 8; ++bit) {
        std::string altered = sealed;
        altered[i] = static_cast<char>(altered[i] ^ (1 << bit));
        auto opened = bench.sealer->open(bench.place, altered);
        REQUIRE_FALSE(opened.ok());
        REQUIRE(opened.error().kind == ErrorKind::Damaged);
      }
    for (std::size_t size = 0; size < sealed.size(); ++size)
      REQUIRE_FALSE(bench.sealer->open(bench.place, sealed.substr(0, size)).ok());
    CHECK_FALSE(bench.sealer->open(bench.place, sealed + '\0').ok());
  }
}

TEST_CASE("sealed bytes don't open in another place") {
  Bench bench;
  const auto sealed = *bench.sealer->seal(bench.place, normal, admit);
  for (SealPlace other :
       {SealPlace{bench.place.id + 1, Role::Message, 0}, SealPlace{bench.place.id, Role::Output, 0},
        SealPlace{bench.place.id, Role::Message, 1}})
    CHECK(bench.sealer->open(other, sealed).error().kind == ErrorKind::Damaged);
}

TEST_CASE("another installation's key doesn't open it") {
  Bench bench, other;
  const auto sealed = *bench.sealer->seal(bench.place, normal, admit);
  REQUIRE(other.sealer->seal(other.place, normal, admit).ok());
  CHECK(other.sealer->open(bench.place, sealed).error().kind == ErrorKind::Damaged);
}

TEST_CASE("an edited output costs little beside its input, and needs it to open") {
  Bench bench;
  std::string output = admit;
  output.replace(output.find("GHH LAB"), 7, "CAUSEWAY");
  const auto sealed = *bench.sealer->seal(bench.place, normal, output, admit);
  CHECK(sealed.size() < 100);
  CHECK(*bench.sealer->open(bench.place, sealed, admit) == output);
  CHECK(bench.sealer->open(bench.place, sealed).error().kind == ErrorKind::Damaged);
  std::string another = admit;
  another.replace(another.find("EVERYMAN"), 8, "EVERYONE");
  CHECK(bench.sealer->open(bench.place, sealed, another).error().kind == ErrorKind::Damaged);
  // Where the input is too large to be used, it isn't needed either.
  const auto apart = *bench.sealer->seal(bench.place, normal, output, std::string(100'000, 'x'));
  CHECK(*bench.sealer->open(bench.place, apart, "anything") == output);
}

TEST_CASE("destroying a day's key shreds that day and class, and no other") {
  Bench bench;
  const auto sealed = *bench.sealer->seal(bench.place, normal, admit);
  const auto kept_longer = *bench.sealer->seal(bench.place, RetentionClass{2}, admit);
  const SealPlace tomorrow{first_id_of(day + std::chrono::days(1)).value, Role::Message, 0};
  const auto next = *bench.sealer->seal(tomorrow, normal, admit);
  REQUIRE(bench.keys.destroy(normal, day).ok());
  auto gone = bench.sealer->open(bench.place, sealed);
  REQUIRE_FALSE(gone.ok());
  CHECK(gone.error().kind == ErrorKind::Damaged);
  CHECK_THAT(gone.error().text, Catch::Contains("destroyed"));
  CHECK(bench.sealer->seal(bench.place, normal, admit).error().kind == ErrorKind::Damaged);
  CHECK(*bench.sealer->open(bench.place, kept_longer) == admit);
  CHECK(*bench.sealer->open(tomorrow, next) == admit);
}

TEST_CASE("content and terms outlive a rotation of the master key and a restart") {
  Bench bench;
  const auto sealed = *bench.sealer->seal(bench.place, normal, admit);
  const auto term = bench.sealer->term("PID-3.1", day, "4711");
  REQUIRE(bench.keys.rotate_master(DataKeys::Rotation::Start).ok());
  auto masters = *MasterKeys::open(bench.folder.path() / "keys");
  DataKeys keys(bench.table, *masters);
  auto sealer = *AesGcmSealer::make(keys, NodeId{1}, Epoch{2});
  CHECK(*sealer->open(bench.place, sealed) == admit);
  CHECK(sealer->term("PID-3.1", day, "4711") == term);
}

TEST_CASE("no nonce comes twice: not across threads, nodes or epochs") {
  Bench bench;
  std::set<std::string> nonces;
  std::mutex mutex;
  auto seal_many = [&](AesGcmSealer& sealer) {
    std::vector<std::string> mine;
    for (int i = 0; i < 500; ++i)
      mine.push_back(sealer.seal(bench.place, normal, "x")->substr(6, 12));
    std::lock_guard guard(mutex);
    nonces.insert(mine.begin(), mine.end());
  };
  int sealers = 0;
  for (int node : {1, 2, 63})
    for (int epoch : {1, 2, 0x7FFFFFFF}) {
      auto sealer =
          *AesGcmSealer::make(bench.keys, NodeId{static_cast<std::int16_t>(node)}, Epoch{epoch});
      std::vector<std::thread> threads;
      for (int i = 0; i < 4; ++i) threads.emplace_back(seal_many, std::ref(*sealer));
      for (auto& thread : threads) thread.join();
      ++sealers;
    }
  CHECK(nonces.size() == static_cast<std::size_t>(sealers) * 4 * 500);
}

TEST_CASE("threads seal and open under several keys at once") {
  Bench bench;
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        const SealPlace place{first_id_of(day + std::chrono::days(i % 5)).value + i, Role::Output,
                              static_cast<std::uint32_t>(t)};
        const std::string plain = admit + std::to_string(i);
        auto sealed = bench.sealer->seal(place, RetentionClass{static_cast<std::int16_t>(i % 3)},
                                         plain, admit);
        auto opened = bench.sealer->open(place, *sealed, admit);
        if (!opened || *opened != plain) ++failures;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(failures == 0);
}

TEST_CASE("a term's hash tells apart path, month and value, and nothing else") {
  Bench bench;
  const auto term = bench.sealer->term("PID-3.1", day, "4711");
  CHECK(bench.sealer->term("PID-3.1", day - std::chrono::days(20), "4711") == term);
  CHECK(bench.sealer->term("PID-3.1", day + std::chrono::days(20), "4711") != term);
  CHECK(bench.sealer->term("PID-3.1", day + std::chrono::days(365), "4711") != term);
  CHECK(bench.sealer->term("PV1-19.1", day, "4711") != term);
  CHECK(bench.sealer->term("PID-3.1", day, "4712") != term);
  CHECK(Bench().sealer->term("PID-3.1", day, "4711") != term);
}

TEST_CASE("hashes are HMAC-SHA-256, and stay the same when kept states are dropped") {
  const Secret root(std::string(32, '\x0b'));
  DerivedKeys keys(root, "use");
  const auto first = keys.hash("name", "value");
  // Computed with Python: h(k, m) = hmac.new(k, m, "sha256").digest();
  // h(h(h(b"\x0b" * 32, b"use"), b"name"), b"value")[:8]
  CHECK(first == 0x571c896a95f1a682u);
  for (std::size_t i = 0; i < DerivedKeys::kept_max + 10; ++i) keys.hash(std::to_string(i), "v");
  CHECK(keys.hash("name", "value") == first);
}

}  // namespace
}  // namespace causeway::store
