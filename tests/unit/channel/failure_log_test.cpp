// Causes of failures: what of an error's place and text is part of one, and how they are counted.
#include "engine/channel/failure_log.h"

#include <catch2/catch.hpp>

namespace causeway::channel {
namespace {

struct Hash final : KeyedHash {
  std::uint64_t hash(std::string_view, std::string_view value) const override {
    return std::hash<std::string_view>{}(value) | 1;
  }
};

struct Store final : FailureStore {
  bool away = false;
  std::vector<FailureGroup> added;
  Status add(const std::vector<FailureGroup>& seen) override {
    if (away) return Error{ErrorKind::Unavailable, "", "away"};
    added.insert(added.end(), seen.begin(), seen.end());
    return Done{};
  }
  Result<std::vector<FailureGroup>> find(const Query&) override { return added; }
  Result<FailureGroup> group(std::uint64_t) override { return added.front(); }
  Result<std::vector<std::int64_t>> open(const std::vector<std::uint64_t>&) override {
    return std::vector<std::int64_t>{};
  }
};

SystemTime at(int second) {
  return SystemTime(std::chrono::seconds(second));
}

TEST_CASE("a place is part of a cause only if it is a line of a script") {
  CHECK(script_line("transform.js:12:7") == "transform.js:12");
  CHECK(script_line("lib/dates/age.js:3") == "lib/dates/age.js:3");
  CHECK(script_line("lib:dates/age.js:3:1") == "lib:dates/age.js:3");
  for (const auto* other : {"", "PID-5.1", "192.0.2.7:2575", "MUSTER ANNA.js:3:1",
                            "a.js:", "a.js:x", "a.js", "/pointer/of/json"})
    CHECK(script_line(other).empty());
  CHECK(script_line(std::string(300, 'a') + ".js:1").empty());
}

TEST_CASE("an answer's code is part of a cause; its words are not") {
  CHECK(answer_code("AE: no such ward") == "AE");
  CHECK(answer_code("CR") == "CR");
  CHECK(answer_code("HTTP 422: unprocessable") == "422");
  CHECK(answer_code("503") == "503");
  for (const auto* other : {"", "MUSTER: not found", "Connection refused", "4711", "42", "HTTP x"})
    CHECK(answer_code(other).empty());
}

TEST_CASE("the same cause is one group, and nothing is lost while the store is away") {
  Store store;
  Hash hash;
  FailureLog log(store, hash);
  const FailureCause script{{ChannelId{1}, {}}, ErrorKind::Script, "transform", "t.js:3", ""};
  const FailureCause refused{{ChannelId{1}, DestinationId{2}}, ErrorKind::Refused, "", "", "AE"};
  log.note(script, DeploymentId{7}, MessageId{10}, at(1), AfterFailure::Retried);
  store.away = true;
  CHECK_FALSE(log.flush());
  log.note(script, DeploymentId{8}, MessageId{11}, at(2), AfterFailure::Retried);
  log.note(script, DeploymentId{8}, MessageId{11}, at(3), AfterFailure::Retried);
  log.note(refused, DeploymentId{8}, MessageId{10}, at(3), AfterFailure::Retried);
  store.away = false;
  REQUIRE(log.flush());
  REQUIRE(store.added.size() == 2);
  const auto& group = store.added[store.added[0].cause.stage.empty() ? 1 : 0];
  CHECK(group.count == 3);
  CHECK(group.first_seen == at(1));
  CHECK(group.last_seen == at(3));
  CHECK(group.first_deployment == DeploymentId{7});
  CHECK(group.last_deployment == DeploymentId{8});
  CHECK(group.messages.size() >= 2);
  REQUIRE(log.flush());
  CHECK(store.added.size() == 2);
}

TEST_CASE("what nobody tries again is told, once") {
  Store store;
  Hash hash;
  FailureLog log(store, hash);
  const FailureCause cause{{ChannelId{1}, DestinationId{2}}, ErrorKind::Refused, "", "", "AE"};
  log.note(cause, {}, MessageId{1}, at(1), AfterFailure::Retried);
  log.note(cause, {}, MessageId{2}, at(1), AfterFailure::Parked);
  log.note(cause, {}, MessageId{3}, at(1), AfterFailure::Held);
  const auto told = log.take_notices();
  REQUIRE(told.size() == 2);
  CHECK(told[0].message == MessageId{2});
  CHECK_FALSE(told[0].holds_lane);
  CHECK(told[1].holds_lane);
  CHECK(told[1].cause == told[0].cause);
  CHECK(log.take_notices().empty());
  for (int i = 0; i < 2 * static_cast<int>(FailureLog::notices_max); ++i)
    log.note(cause, {}, MessageId{i}, at(1), AfterFailure::Held);
  CHECK(log.take_notices().size() == FailureLog::notices_max);
}

TEST_CASE("what is kept between two writes is bounded") {
  Store store;
  Hash hash;
  FailureLog log(store, hash);
  for (int i = 0; i < 2 * static_cast<int>(FailureLog::groups_max); ++i)
    log.note({{ChannelId{i}, {}}, ErrorKind::Script, "", "", ""}, {}, MessageId{1}, at(1),
             AfterFailure::Retried);
  for (int i = 0; i < 2 * static_cast<int>(FailureLog::messages_max); ++i)
    log.note({{ChannelId{0}, {}}, ErrorKind::Script, "", "", ""}, {}, MessageId{i}, at(1),
             AfterFailure::Retried);
  REQUIRE(log.flush());
  CHECK(store.added.size() == FailureLog::groups_max);
  std::size_t most = 0;
  for (const auto& group : store.added) most = std::max(most, group.messages.size());
  CHECK(most == FailureLog::messages_max);
}

}  // namespace
}  // namespace causeway::channel
