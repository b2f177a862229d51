#include <catch2/catch.hpp>

#include "engine/config/channel_config.h"
#include "engine/config/reference.h"

using namespace causeway;
using namespace causeway::config;

namespace {

const Fields* connector(std::string_view type, bool source) {
  static const Fields listen = {integer("port", "Port").between(1, 65535).required()};
  static const Fields send = {text("host", "Host").required(),
                              integer("port", "Port").between(1, 65535).required()};
  if (type != "mllp") return nullptr;
  return source ? &listen : &send;
}

Status path_check(std::string_view path) {
  if (path.find('-') == path.npos) return Error{ErrorKind::Invalid, "", "not a path"};
  return Done{};
}

struct Outcome {
  ChannelConfig channel;
  std::vector<std::string> problems;
};

Outcome read_text(std::string_view text) {
  Problems problems{"channel.json", {}};
  Outcome outcome;
  outcome.channel =
      read_channel("lab/oru_in", text, {{"transform.js", "export default (msg) => msg;"}},
                   connector, nullptr, problems, path_check);
  for (const auto& problem : problems.list)
    outcome.problems.push_back(problem.pointer + ": " + problem.text);
  return outcome;
}

/// A good channel with more members.
std::string channel_with(const std::string& members, const std::string& destination = "") {
  return R"({"source": {"type": "mllp", "port": 6661}, "destinations": {"lab":
         {"type": "mllp", "host": "127.0.0.1", "port": 6662)" +
         (destination.empty() ? "" : ", " + destination) + "}}" +
         (members.empty() ? "" : ", " + members) + "}";
}

void require_problem(const Outcome& outcome, const std::string& text) {
  REQUIRE(outcome.problems.size() == 1);
  CHECK_THAT(outcome.problems[0], Catch::StartsWith(text));
}

}  // namespace

TEST_CASE("Channel: the least that can be said, and what it means", "[config]") {
  const auto [channel, problems] = read_text(channel_with(""));
  CHECK(problems.empty());
  CHECK(channel.path == "lab/oru_in");
  CHECK(channel.source.type == "mllp");
  CHECK(channel.source.settings.integer("port") == 6661);
  CHECK(channel.order_by == "channel");
  CHECK(channel.search.empty());
  CHECK(channel.duplicates == Duplicates::Mark);
  CHECK(channel.reply.when == ReplyPolicy::When::Stored);
  CHECK(channel.reply.timeout == std::chrono::seconds(30));
  CHECK(channel.reply.on_timeout == Verdict::Code::Error);
  CHECK(channel.stages.empty());
  CHECK(channel.queue_max == 0);
  CHECK(channel.retention.content_days == 30);
  CHECK(channel.retention.lineage_days == 365);

  REQUIRE(channel.destinations.size() == 1);
  const auto& lab = channel.destinations[0];
  CHECK(channel.find_destination("lab") == &lab);
  CHECK(channel.find_destination("x") == nullptr);
  CHECK(lab.settings.text("host") == "127.0.0.1");
  CHECK(lab.policy.on_ambiguous == OnAmbiguous::HoldLane);
  CHECK(lab.policy.on_rejected == Trouble::ParkAndContinue);
  CHECK(lab.policy.give_up.attempts == 0);
  CHECK(lab.policy.give_up.then == Trouble::ParkAndContinue);
  CHECK(lab.policy.retry.first == std::chrono::seconds(1));
  CHECK(lab.policy.retry.max == std::chrono::minutes(1));
  CHECK(lab.policy.retry.jitter_percent == 20);
  CHECK(lab.policy.in_flight_max == 64);
  CHECK(!lab.policy.paused);
}

TEST_CASE("Channel: everything that can be said", "[config]") {
  const auto [channel, problems] = read_text(channel_with(
      R"("order_by": "PID-3.1", "search": ["MSH-10", "PID-3.1"], "duplicates": "suppress",
         "reply": {"when": "destination", "destination": "lab", "timeout_ms": 5, "on_timeout": "AR"},
         "stages": [{"type": "transform", "file": "transform.js", "time_limit_ms": 9,
                     "on_error": "park_and_continue"}],
         "queue_max": 7, "retention": {"content_days": 1, "lineage_days": 2})",
      R"("on_ambiguous": "retry", "on_rejected": "hold_lane", "paused": true, "in_flight_max": 3,
         "queue_max": 8, "retry": {"first_ms": 10, "max_ms": 20, "jitter_percent": 0},
         "give_up_after": {"attempts": 4, "age_ms": 5, "then": "hold_lane"})"));
  CHECK(problems.empty());
  CHECK(channel.order_by == "PID-3.1");
  CHECK(channel.search == std::vector<std::string>{"MSH-10", "PID-3.1"});
  CHECK(channel.duplicates == Duplicates::Suppress);
  CHECK(channel.reply.when == ReplyPolicy::When::Destination);
  CHECK(channel.reply.destination == "lab");
  CHECK(channel.reply.on_timeout == Verdict::Code::Reject);
  REQUIRE(channel.stages.size() == 1);
  CHECK(channel.stages[0].type == "transform");
  CHECK(channel.stages[0].script.file == "transform.js");
  CHECK(channel.stages[0].script.time_limit == Milliseconds(9));
  CHECK(channel.stages[0].script.on_error == Trouble::ParkAndContinue);
  CHECK(channel.queue_max == 7);
  CHECK(channel.retention.lineage_days == 2);
  const auto& policy = channel.destinations.at(0).policy;
  CHECK(policy.on_ambiguous == OnAmbiguous::Retry);
  CHECK(policy.on_rejected == Trouble::HoldLane);
  CHECK(policy.paused);
  CHECK(policy.in_flight_max == 3);
  CHECK(policy.queue_max == 8);
  CHECK(policy.retry.max == Milliseconds(20));
  CHECK(policy.give_up.attempts == 4);
  CHECK(policy.give_up.age == Milliseconds(5));
  CHECK(policy.give_up.then == Trouble::HoldLane);
}

TEST_CASE("Channel: destinations keep the file's order; a hop names a channel", "[config]") {
  const auto [channel, problems] = read_text(R"({"source": {"type": "mllp", "port": 1},
      "destinations": {"z": {"type": "channel", "channel": "lab/next"},
                       "a": {"type": "mllp", "host": "h", "port": 1}}})");
  CHECK(problems.empty());
  REQUIRE(channel.destinations.size() == 2);
  CHECK(channel.destinations[0].name == "z");
  CHECK(channel.destinations[0].channel == "lab/next");
  CHECK(channel.destinations[1].name == "a");
}

TEST_CASE("Channel: each problem says what is wrong where", "[config]") {
  require_problem(read_text("{"), ": Missing");
  require_problem(read_text("[]"), ": expected an object");
  require_problem(read_text(channel_with(R"("order": "none")")), "/order: unknown key \"order\"");
  require_problem(read_text(channel_with(R"("order_by": "PID")")),
                  "/order_by: \"PID\": not a path");
  require_problem(read_text(channel_with(R"("search": ["MSH-10", "X"])")), "/search/1: \"X\"");
  require_problem(read_text(channel_with(R"("search": ["A-1", "A-1"])")), "/search/1: \"A-1\" is");
  require_problem(read_text(channel_with(R"("stages": {})")), "/stages: expected a list");
  require_problem(
      read_text(channel_with(R"("stages": [{"type": "fitler", "file": "transform.js"}])")),
      "/stages/0/type: \"fitler\" is no choice; did you mean \"filter\"?");
  require_problem(read_text(channel_with(R"("stages": [{"type": "transform"}])")),
                  "/stages/0: \"file\" is missing");
  require_problem(
      read_text(channel_with(R"("stages": [{"type": "transform", "file": "transfrom.js"}])")),
      "/stages/0/file: the channel's folder has no script \"transfrom.js\"; did you mean");
  require_problem(read_text(channel_with("", R"("retyr": {})")),
                  "/destinations/lab/retyr: unknown key \"retyr\"; did you mean \"retry\"?");
  require_problem(read_text(channel_with("", R"("retry": {"first_ms": 9, "max_ms": 8})")),
                  "/destinations/lab/retry: first_ms is more than max_ms");
  require_problem(read_text(channel_with(R"("reply": {"when": "destination"})")),
                  "/reply: \"destination\" is missing");
  require_problem(
      read_text(channel_with(R"("reply": {"when": "destination", "destination": "x"})")),
      "/reply/destination: there is no destination \"x\"");
  require_problem(read_text(channel_with(R"("reply": {"destination": "lab"})")),
                  "/reply/destination: only with");
  require_problem(read_text(channel_with(R"("retention": {"content_days": 400})")),
                  "/retention: content can't");
}

TEST_CASE("Channel: ends that can't be", "[config]") {
  const auto with_ends = [](const std::string& source, const std::string& destinations) {
    return read_text(R"({"source": )" + source + R"(, "destinations": )" + destinations + "}");
  };
  const std::string good_source = R"({"type": "mllp", "port": 1})";
  const std::string good_destinations = R"({"a": {"type": "mllp", "host": "h", "port": 1}})";
  require_problem(with_ends("5", good_destinations), "/source: expected an object");
  require_problem(with_ends("{}", good_destinations), "/source: \"type\" is missing");
  require_problem(with_ends(R"({"type": "x"})", good_destinations),
                  "/source/type: there is no source of type \"x\"");
  require_problem(with_ends(R"({"type": "channel", "port": 1})", good_destinations),
                  "/source/port: unknown key \"port\"");
  require_problem(with_ends(good_source, "{}"), "/destinations: at least one");
  require_problem(with_ends(good_source, R"({"a b": {"type": "mllp", "host": "h", "port": 1}})"),
                  "/destinations/a b: a destination's name");
  require_problem(with_ends(good_source, R"({"a": {"type": "channel"}})"),
                  "/destinations/a: \"channel\" is missing");
}

TEST_CASE("Channel: how messages are checked", "[config]") {
  const auto warn = read_text(channel_with(R"("validate": {"length": "off", "version": "2.5"})"));
  CHECK(warn.problems.empty());
  REQUIRE(warn.channel.validate);
  CHECK(warn.channel.validate->length == ValidateConfig::Level::Off);
  CHECK(warn.channel.validate->usage == ValidateConfig::Level::Warn);
  CHECK_FALSE(read_text(channel_with("")).channel.validate);
  const auto early = read_text(channel_with(R"("validate": {"usage": "reject"})"));
  REQUIRE(early.problems.size() == 1);
  CHECK(early.problems[0].find("/validate: the level \"reject\" needs") == 0);
  const auto good =
      read_text(channel_with(R"("validate": {"usage": "reject"}, "reply": {"when": "done"})"));
  CHECK(good.problems.empty());
  const auto lost = read_text(channel_with(R"("validate": {"profile": "lost"})"));
  REQUIRE(lost.problems.size() == 1);
  CHECK(lost.problems[0] == "/validate/profile: the channel's folder has no XML files in \"lost\"");
}

TEST_CASE("Channel: the revision's hash is that of what is said", "[config]") {
  const auto hash = [](const std::string& text, const std::string& script) {
    Problems problems;
    return read_channel("a", text, {{"t.js", script}}, connector, nullptr, problems).revision_hash;
  };
  const auto first = hash(channel_with(""), "x");
  CHECK(first.size() == 64);
  CHECK(first == hash("// comment\n" + channel_with(""), "x"));
  CHECK(first != hash(channel_with(""), "y"));
  CHECK(first != hash(channel_with(R"("queue_max": 1)"), "x"));
}

TEST_CASE("Channel: its schema is JSON", "[config]") {
  const auto schema = parse_json(channel_schema({}), "schema");
  REQUIRE(schema);
  CHECK(schema->find("properties")->find("order_by"));
}
