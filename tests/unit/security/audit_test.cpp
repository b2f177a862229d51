#include "engine/security/audit.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "engine/security/audit_verify.h"
#include "engine/store/read_only_store.h"
#include "engine/store/store.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_database.h"

using namespace causeway;
using namespace causeway::security;
using testing::run_sql;

namespace {

/// A real store with an audit trail, as an engine has it.
struct Site {
  Site() { open(); }

  void open() {
    audit.reset();
    store.reset();
    auto keys = store::MasterKeys::open(folder.path() / "keys");
    REQUIRE(keys);
    masters = std::move(*keys);
    store::StoreOptions options;
    options.conninfo = database.url();
    options.holder = "test";
    auto opened = store::PostgresStore::open(options, *masters, clock, log);
    REQUIRE(opened);
    store = std::move(*opened);
    auto trail = Audit::open(store->audit(), {NodeId{1}, key_file, heads_file}, clock, log);
    REQUIRE(trail);
    audit = std::move(*trail);
  }

  void write(int rows, const std::string& reason = "") {
    Caller anna;
    anna.name = "anna";
    anna.proof = Proof::Session;
    for (int i = 0; i < rows; ++i)
      REQUIRE(audit->write(anna, {.action = "read_body",
                                  .channel = "lab/oru",
                                  .target = "00000000000" + std::to_string(10 + i),
                                  .outcome = "begun",
                                  .reason = reason,
                                  .peer = "127.0.0.1"}));
  }

  std::vector<std::string> findings() {
    auto verdict = verify_audit(store->audit(), heads_file, audit->public_key());
    REQUIRE(verdict);
    std::vector<std::string> texts;
    for (const auto& finding : verdict->findings) texts.push_back(finding.text);
    return texts;
  }

  void sql(const std::string& statement) {
    run_sql(database.url(), "SET search_path = causeway; " + statement);
  }

  testing::TestDatabase database;
  testing::TemporaryFolder folder;
  std::filesystem::path key_file = folder.path() / "audit.key";
  std::filesystem::path heads_file = folder.path() / "audit.heads";
  MachineClock clock;
  NoLog log;
  std::unique_ptr<store::MasterKeys> masters;
  std::unique_ptr<store::PostgresStore> store;
  std::unique_ptr<Audit> audit;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("Audit: a chain that nobody touched verifies, over restarts and pages") {
  Site site;
  site.write(3);
  site.open();
  site.write(2, "a reason");
  CHECK(site.findings().empty());
  auto verdict = verify_audit(site.store->audit(), site.heads_file, site.audit->public_key());
  CHECK(verdict->rows == 5);
  CHECK(verdict->heads == 2);
}

TEST_CASE("Audit: what a restore has left out is told from what was taken away") {
  Site site;
  site.write(9);
  const auto restore = [&site] {
    site.audit.reset();
    site.sql("DELETE FROM audit WHERE seq > 6");  // the backup was made then
    auto key = AuditKey::open(site.key_file);
    REQUIRE(AuditHeads::note_restore(site.heads_file, **key, {{NodeId{1}, 6}}, site.clock.now()));
    site.open();
    site.write(3);
  };
  const auto notes = [&site](const std::filesystem::path& heads) {
    auto verdict =
        verify_audit(site.store->audit(), heads, site.audit->public_key(), site.heads_file);
    REQUIRE(verdict);
    CHECK(verdict->findings.empty());
    Texts texts;
    for (const auto& note : verdict->notes) texts.push_back(note.text);
    return texts;
  };
  SECTION("with the heads at hand") {
    restore();
    CHECK(notes(site.heads_file) ==
          Texts{"rows 7 to 9 were newer than the backup that was restored"});
    SECTION("what is taken away afterwards is missing") {
      site.sql("DELETE FROM audit WHERE seq = 11");
      CHECK(site.findings() == Texts{"row 11 is missing"});
    }
    SECTION("also beside what had been left out") {
      site.sql("DELETE FROM audit WHERE seq = 10");
      CHECK(site.findings() == Texts{"rows 7 to 10 are missing"});
    }
    SECTION("and what the backup had") {
      site.sql("DELETE FROM audit WHERE seq = 6");
      CHECK_FALSE(site.findings().empty());
    }
  }
  SECTION("with a copy of the heads that was kept elsewhere") {
    const auto copy = site.folder.path() / "copy";
    std::filesystem::rename(site.heads_file, copy);
    restore();
    CHECK(notes(copy) == Texts{"row 9 was newer than the backup that was restored"});
  }
}

TEST_CASE("Audit: what a database's administrator changes is named") {
  Site site;
  site.write(9, "because");
  SECTION("a changed text") {
    site.sql("UPDATE audit SET target = 'another' WHERE seq = 4");
    CHECK(site.findings() == Texts{"row 4 was changed"});
  }
  SECTION("a changed byte of what is sealed") {
    site.sql(
        "UPDATE audit SET detail = set_byte(detail, 30, get_byte(detail, 30) # 1) WHERE seq = 5");
    CHECK(site.findings() == Texts{"row 5 was changed"});
  }
  SECTION("a changed time, and a changed hash") {
    site.sql("UPDATE audit SET at = at + 1 WHERE seq = 1");
    site.sql("UPDATE audit SET hash = set_byte(hash, 0, get_byte(hash, 0) # 255) WHERE seq = 7");
    CHECK(site.findings() == Texts{"row 1 was changed", "row 7 was changed"});
  }
  SECTION("a row taken out of the middle") {
    site.sql("DELETE FROM audit WHERE seq = 4");
    CHECK(site.findings() == Texts{"row 4 is missing"});
  }
  SECTION("the first rows") {
    site.sql("DELETE FROM audit WHERE seq <= 2");
    CHECK(site.findings() == Texts{"rows 1 to 2 are missing"});
  }
  SECTION("the tail, and work that goes on afterwards") {
    site.sql("DELETE FROM audit WHERE seq > 6");
    CHECK(site.findings() == Texts{"rows 7 to 9 are missing"});
    site.open();
    site.write(2);
    CHECK(site.findings() == Texts{"rows 7 to 9 are missing"});
  }
  SECTION("everything") {
    site.sql("DELETE FROM audit");
    CHECK(site.findings() == Texts{"rows 1 to 9 are missing"});
  }
  SECTION("a row written anew, with a hash that fits") {
    auto rows = site.store->audit().rows(NodeId{1}, 7, 2);
    REQUIRE(rows);
    auto forged = rows->at(1);
    forged.actor = "bert";
    const auto hash = chain_hash(rows->at(0).hash, forged);
    std::string hex;
    for (const char each : hash) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x",
                    static_cast<unsigned>(static_cast<unsigned char>(each)));
      hex += digits;
    }
    site.sql("UPDATE audit SET actor = 'bert', hash = '\\x" + hex + "' WHERE seq = 9");
    CHECK(site.findings() == Texts{"row 9 is not the one that was signed"});
  }
}

TEST_CASE("Audit: heads by another key count for nothing") {
  Site site;
  site.write(2);
  testing::TemporaryFolder elsewhere;
  auto other = AuditKey::open(elsewhere.path() / "audit.key");
  REQUIRE(other);
  AuditHead forged{NodeId{1}, 2, site.clock.now(), first_hash(), {}, {}};
  (*other)->sign(forged);
  CHECK(is_signed(forged));
  std::ofstream(site.heads_file, std::ios::app) << head_line(forged) << "\nnonsense\n";
  CHECK(site.findings() == Texts{"the file of signed heads has lines that are none: 1",
                                 "a head that is not signed by this installation's key"});
  forged.seq = 3;
  CHECK_FALSE(is_signed(forged));
}

TEST_CASE("Audit: rows are found by who, what and where, newest first, in pages") {
  Site site;
  site.write(5, "Müller's bed");
  REQUIRE(site.audit->write({}, {.action = "log_in",
                                 .channel = {},
                                 .target = "unknown",
                                 .outcome = "failed",
                                 .reason = {},
                                 .peer = {}}));
  AuditStore::Query query;
  query.to = site.clock.now() + std::chrono::hours(1);
  query.channel = "lab";
  query.most = 3;
  auto page = site.store->audit().find(query);
  REQUIRE(page);
  REQUIRE(page->size() == 3);
  CHECK(page->front().seq == 5);
  CHECK(*site.store->audit().open(page->front()) == "Müller's bed");
  CHECK(page->front().detail.find("bed") == std::string::npos);
  query.before_at = page->back().at;
  query.before_node = page->back().node;
  query.before_seq = page->back().seq;
  CHECK(site.store->audit().find(query)->size() == 2);
  query = {};
  query.to = site.clock.now() + std::chrono::hours(1);
  query.action = "log_in";
  CHECK(site.store->audit().find(query)->size() == 1);
  query.channel = "la";
  CHECK(site.store->audit().find(query)->empty());
}

TEST_CASE("Audit: a key that others may read is refused") {
  Site site;
  std::filesystem::permissions(site.key_file, std::filesystem::perms(0644));
  auto key = AuditKey::open(site.key_file);
  REQUIRE_FALSE(key);
  CHECK(key.error().kind == ErrorKind::NotPermitted);
}
