#include "engine/security/identity.h"

#include <catch2/catch.hpp>

#include "engine/security/passwords.h"
#include "engine/store/store.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_database.h"

using namespace causeway;
using namespace causeway::security;

namespace {

class SetClock final : public Clock {
 public:
  SystemTime now() const override { return MachineClock().now() + ahead; }
  SteadyTime steady() const override { return MachineClock().steady(); }
  std::chrono::microseconds ahead{0};
};

struct Site {
  Site() {
    auto keys = store::MasterKeys::open(folder.path() / "keys");
    REQUIRE(keys);
    masters = std::move(*keys);
    store::StoreOptions options;
    options.conninfo = database.url();
    options.holder = "test";
    auto opened = store::PostgresStore::open(options, *masters, machine, log);
    REQUIRE(opened);
    store = std::move(*opened);
    identity = std::make_unique<Identity>(store->identity(), store->keyed_hash(), clock);
  }

  /// A user who has chosen this password.
  void add(const std::string& name, const std::string& password, std::vector<Grant> grants) {
    auto first = identity->add_user(name, grants);
    REQUIRE(first);
    auto session = identity->log_in(name, *first, "", "127.0.0.1");
    REQUIRE(session);
    REQUIRE(identity->change_password(session->caller, *first, password));
  }
  Result<Identity::LogIn> log_in(const std::string& name, const std::string& password,
                                 std::string_view before = "") {
    return identity->log_in(name, password, before, "127.0.0.1");
  }

  testing::TestDatabase database;
  testing::TemporaryFolder folder;
  MachineClock machine;
  SetClock clock;
  NoLog log;
  std::unique_ptr<store::MasterKeys> masters;
  std::unique_ptr<store::PostgresStore> store;
  std::unique_ptr<Identity> identity;
};

constexpr const char* good_password = "wooden horse 7 stairs";

}  // namespace

TEST_CASE("Passwords: a policy of length and of what is tried first") {
  CHECK(check_password_policy(good_password, "anna"));
  for (const std::string bad :
       {"", "short", "aaaaaaaaaaaaaaaa", "Password2026", "123456123456", "my name is Anna!"}) {
    CAPTURE(bad);
    CHECK_FALSE(check_password_policy(bad, "anna"));
  }
  std::string long_one(password_bytes_max, 'a');
  long_one += "bcdefg";
  CHECK_FALSE(check_password_policy(long_one, "anna"));
  CHECK(check_password_policy(one_time_password(), "anna"));
}

TEST_CASE("Passwords: Argon2id, salted") {
  const auto hash = hash_password(good_password);
  CHECK(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK(hash != hash_password(good_password));
  CHECK(password_matches(good_password, hash));
  CHECK_FALSE(password_matches("another", hash));
  CHECK_FALSE(password_matches("", ""));
  CHECK_FALSE(password_matches("x", "$argon2id$broken"));
}

TEST_CASE("Lock-out: nothing for three failures, then doubling to a quarter of an hour") {
  CHECK(lockout_after(3) == Milliseconds(0));
  CHECK(lockout_after(4) == Milliseconds(1000));
  CHECK(lockout_after(7) == Milliseconds(8000));
  CHECK(lockout_after(1000) == std::chrono::minutes(15));
}

TEST_CASE("Identity: the first administrator chooses a password, and may do nothing before") {
  Site site;
  auto password = site.identity->make_first_administrator();
  REQUIRE(password);
  CHECK(password->size() > 12);
  CHECK(site.identity->make_first_administrator()->empty());
  auto session = site.log_in("admin", *password);
  REQUIRE(session);
  CHECK(session->caller.must_change_password);
  CHECK_FALSE(session->caller.may_somewhere(Permission::MonitoringRead));
  CHECK(session->caller.may_somewhere(Permission::Own));
  CHECK(site.identity->change_password(session->caller, "wrong", good_password).error().kind ==
        ErrorKind::NotPermitted);
  CHECK(site.identity->change_password(session->caller, *password, "short").error().kind ==
        ErrorKind::Invalid);
  REQUIRE(site.identity->change_password(session->caller, *password, good_password));
  CHECK_FALSE(site.log_in("admin", *password));
  CHECK(site.identity->by_session(session->session_secret)
            ->may_everywhere(Permission::IdentityChange));
}

TEST_CASE("Identity: a one-time password is good for a day") {
  Site site;
  auto password = site.identity->add_user("anna", {});
  REQUIRE(password);
  site.clock.ahead = std::chrono::hours(25);
  CHECK_FALSE(site.log_in("anna", *password));
}

TEST_CASE("Identity: sessions end by log-in, idleness, age, log-out, and by decision") {
  Site site;
  site.add("anna", good_password, {{Role::Operator, "lab"}});
  auto first = site.log_in("anna", good_password);
  REQUIRE(first);
  auto is_good = [&](const std::string& secret) {
    auto caller = site.identity->by_session(secret);
    REQUIRE(caller);
    return caller->is_known();
  };
  CHECK(is_good(first->session_secret));
  CHECK_FALSE(is_good("0" + first->session_secret.substr(1) + "x"));

  auto second = site.log_in("anna", good_password, first->session_secret);
  REQUIRE(second);
  CHECK_FALSE(is_good(first->session_secret));
  SECTION("idle") {
    site.clock.ahead = session_idle_max;
    CHECK_FALSE(is_good(second->session_secret));
  }
  SECTION("old, though it was always used") {
    for (int i = 0; i < 40; ++i) {
      site.clock.ahead += std::chrono::minutes(20);
      const bool young = site.clock.ahead < session_age_max;
      REQUIRE(is_good(second->session_secret) == young);
    }
  }
  SECTION("log-out") {
    REQUIRE(site.identity->log_out(second->caller));
    CHECK_FALSE(is_good(second->session_secret));
  }
  SECTION("disabled, and enabled again") {
    REQUIRE(site.identity->set_disabled("anna", true));
    CHECK_FALSE(is_good(second->session_secret));
    CHECK_FALSE(site.log_in("anna", good_password));
    REQUIRE(site.identity->set_disabled("anna", false));
    CHECK(site.log_in("anna", good_password));
  }
  SECTION("an administrator") {
    REQUIRE(site.identity->end_sessions("anna"));
    CHECK_FALSE(is_good(second->session_secret));
  }
}

TEST_CASE("Identity: failures lock a name out, known or not, and a good guess tells nothing") {
  Site site;
  site.add("anna", good_password, {});
  for (const std::string name : {"anna", "nobody"}) {
    CAPTURE(name);
    for (int i = 0; i < failures_free + 1; ++i)
      CHECK(site.log_in(name, "wrong").error().kind == ErrorKind::NotPermitted);
    CHECK(site.log_in(name, good_password).error().kind == ErrorKind::Limit);
  }
  site.clock.ahead = std::chrono::minutes(1);
  CHECK(site.log_in("anna", good_password));
  CHECK(site.identity->user("anna")->failures == 0);
}

TEST_CASE("Identity: a token has its own rights, and never more than its owner") {
  Site site;
  site.add("anna", good_password, {{Role::Administrator, "lab"}, {Role::Viewer, ""}});
  auto anna = site.log_in("anna", good_password);
  REQUIRE(anna);
  auto made = site.identity->add_token(anna->caller, "robot", {{Role::Operator, ""}},
                                       site.clock.now() + std::chrono::hours(48));
  REQUIRE(made);
  auto caller = site.identity->by_token(made->token);
  REQUIRE(caller);
  CHECK(caller->name == "token robot");
  CHECK(caller->may(Permission::BodiesRead, "lab/x"));
  CHECK_FALSE(caller->may(Permission::BodiesRead, "rad/x"));
  CHECK(caller->may(Permission::MessagesRead, "rad/x"));
  CHECK(caller->scopes(Permission::BodiesRead) == std::vector<std::string>{"lab"});
  CHECK_FALSE(caller->may_somewhere(Permission::IdentityChange));

  SECTION("what the owner loses") {
    REQUIRE(site.identity->set_grants("anna", {}));
    CHECK_FALSE(site.identity->by_token(made->token)->may_somewhere(Permission::MessagesRead));
    REQUIRE(site.identity->set_disabled("anna", true));
    CHECK_FALSE(site.identity->by_token(made->token)->is_known());
  }
  SECTION("expiry") {
    site.clock.ahead = std::chrono::hours(48);
    CHECK_FALSE(site.identity->by_token(made->token)->is_known());
  }
  SECTION("revocation") {
    REQUIRE(site.identity->revoke_token(made->id));
    CHECK_FALSE(site.identity->by_token(made->token)->is_known());
    CHECK(site.identity->revoke_token(TokenId{999}).error().kind == ErrorKind::NotFound);
  }
  SECTION("another secret") {
    auto other = made->token;
    other.back() = other.back() == '0' ? '1' : '0';
    CHECK_FALSE(site.identity->by_token(other)->is_known());
    CHECK_FALSE(site.identity->by_token("")->is_known());
  }
  SECTION("the secret is nowhere in the database") {
    const auto stored = testing::run_sql(
        site.database.url(), "SELECT encode(hash, 'escape') || name FROM causeway.token");
    CHECK(stored.find(made->token) == std::string::npos);
  }
}

TEST_CASE("Identity: names and scopes are checked") {
  Site site;
  for (const std::string& bad : {std::string(), std::string("a b"), std::string("local"),
                                 std::string("x/y"), std::string(65, 'a')})
    CHECK(site.identity->add_user(bad, {}).error().kind == ErrorKind::Invalid);
  REQUIRE(site.identity->add_user("anna", {}));
  CHECK(site.identity->add_user("anna", {}).error().kind == ErrorKind::Conflict);
  CHECK(site.identity->user("bert").error().kind == ErrorKind::NotFound);
  CHECK(is_scope(""));
  CHECK(is_scope("lab/oru in"));
  for (const std::string bad : {"/lab", "lab/", "lab//x", "lab\nx"}) CHECK_FALSE(is_scope(bad));
}
