// Rules, the book of alerts and its notices, with a driven clock.
#include "engine/observe/alerts/alerting.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace causeway::observe {
namespace {

using namespace std::chrono_literals;

struct DrivenClock final : Clock {
  SystemTime at = SystemTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 24)) + 12h;
  SteadyTime steady_at{std::chrono::hours(1000)};
  SystemTime now() const override { return at; }
  SteadyTime steady() const override { return steady_at; }
  void pass(std::chrono::seconds time) {
    at += time;
    steady_at += time;
  }
};

struct NotingTeller final : Teller {
  bool away = false;
  std::vector<std::string> lines;
  Status tell(const Recipient& recipient, const Notice& notice) override {
    if (away) return Error{ErrorKind::Unavailable, recipient.name, "is away"};
    lines.push_back(recipient.name + ": " + notice_line(notice));
    return Done{};
  }
};

struct Rig {
  testing::TemporaryFolder folder;
  DrivenClock clock;
  NotingTeller teller;
  NoLog log;
  Situation situation;
  std::unique_ptr<Alerting> alerting;

  Rig() {
    situation.engine_started = clock.at;
    situation.channels.resize(1);
    channel().path = "lab/oru_in";
    channel().destinations.resize(1);
    channel().destinations[0].name = "archive";
  }
  ChannelSituation& channel() { return situation.channels[0]; }
  void start(const std::string& rules) {
    std::ofstream(folder.path() / "alerts.json") << rules;
    begin();
  }
  void begin() {
    alerting = std::make_unique<Alerting>(
        AlertingOptions{folder.path() / "alerts.json", folder.path() / "alerts.state", {}, 5s},
        [this] {
          situation.at = clock.at;
          situation.steady = clock.steady_at;
          return situation;
        },
        teller, clock, log, Alerting::OnChange{});
    CHECK(alerting->problems().empty());
  }
  void pass(std::chrono::seconds time) {
    for (auto end = clock.at + time; clock.at < end;) {
      clock.pass(5s);
      alerting->look_once();
      alerting->tell_once();
    }
  }
  static std::string with_rule(const std::string& rule) {
    return R"({"recipients": [{"name": "desk", "type": "syslog", "url": "udp://127.0.0.1:514"},
                              {"name": "boss", "type": "syslog", "url": "udp://127.0.0.1:514"}],
               "rules": [)" +
           rule + "]}";
  }
  using Lines = std::vector<std::string>;
};

TEST_CASE_METHOD(Rig, "a silent channel: told once when it opens, once when it is over") {
  start(with_rule(R"({"name": "quiet", "when": "idle", "after_ms": 60000, "notify": ["desk"]})"));
  pass(55s);
  CHECK(teller.lines.empty());
  pass(60s);
  CHECK(teller.lines == Lines{"desk: warning opened: quiet: lab/oru_in: no message for 60 s"});
  channel().last_received = clock.at;
  pass(30s);
  CHECK(teller.lines.size() == 2);
  CHECK(teller.lines.back() == "desk: resolved: quiet: lab/oru_in");
  CHECK_FALSE(alerting->alerts().at(0).is_open());
}

TEST_CASE_METHOD(Rig, "silence counts within the hours, from their begin on") {
  const auto minute = config::WeeklyHours::minute_of_week(clock.at);
  const auto day = std::array{
      "mon", "tue", "wed", "thu", "fri", "sat", "sun"}[static_cast<std::size_t>(minute / 1440)];
  char hours[32];  // from ten minutes hence, for an hour
  const int from = (minute + 10) % 1440, to = (minute + 70) % 1440;
  std::snprintf(hours, sizeof hours, "%s %02d:%02d-%02d:%02d", day, from / 60, from % 60, to / 60,
                to % 60);
  start(with_rule(R"({"name": "quiet", "when": "idle", "after_ms": 120000, "notify": ["desk"],
                      "hours": [")" +
                  std::string(hours) + "\"]}"));
  pass(11min);
  CHECK(teller.lines.empty());
  pass(2min);
  CHECK(teller.lines.size() == 1);
  pass(60min);
  CHECK(teller.lines.back() == "desk: resolved: quiet: lab/oru_in");
}

TEST_CASE_METHOD(Rig, "what comes and goes is one alert") {
  start(with_rule(R"({"name": "down", "when": "destination_down", "for_ms": 60000,
                      "notify": ["desk"]})"));
  auto& down = channel().destinations[0].down;
  for (int i = 0; i < 4; ++i) {
    down = true;
    pass(i == 0 ? 70s : 30s);
    down = false;
    pass(30s);
  }
  CHECK(teller.lines == Lines{"desk: warning opened: down: lab/oru_in > archive: can't be reached, "
                              "and is tried again"});
  pass(60s);
  CHECK(teller.lines.size() == 2);
}

TEST_CASE_METHOD(Rig, "a short trouble is no alert") {
  start(with_rule(R"({"name": "held", "when": "lane_held", "for_ms": 60000, "notify": ["desk"]})"));
  channel().runs_held = 1;
  pass(50s);
  channel().runs_held = 0;
  pass(300s);
  CHECK(teller.lines.empty());
  CHECK(alerting->alerts().empty());
}

TEST_CASE_METHOD(Rig, "escalation by time, unless somebody has acknowledged") {
  const auto rule = with_rule(R"({"name": "held", "when": "lane_held", "severity": "critical",
      "notify": ["desk"], "escalate_after_ms": 300000, "escalate_to": ["boss"]})");
  start(rule);
  channel().destinations[0].lanes_held = 2;
  pass(60s);
  CHECK(teller.lines.size() == 1);
  SECTION("nobody does") {
    pass(300s);
    CHECK(teller.lines.size() == 2);
    CHECK(
        teller.lines.back() ==
        "boss: CRITICAL escalated: held: lab/oru_in > archive: 2 held, with all behind them, until "
        "somebody decides");
    channel().destinations[0].lanes_held = 0;
    pass(10s);
    CHECK(teller.lines.size() == 4);
  }
  SECTION("somebody does") {
    CHECK(alerting->acknowledge(alerting->alerts().at(0).id, "eva", "on it"));
    pass(600s);
    CHECK(teller.lines.size() == 1);
    CHECK(alerting->alerts().at(0).acknowledged_by == "eva");
    CHECK_FALSE(alerting->acknowledge(77, "eva", ""));
  }
}

TEST_CASE_METHOD(Rig, "silenced: told afterwards, if it still holds") {
  start(with_rule(R"({"name": "held", "when": "lane_held", "notify": ["desk"]})"));
  CHECK_FALSE(alerting->silence({"hold", "", clock.at + 10min, "eva", "works"}));
  REQUIRE(alerting->silence({"held", "", clock.at + 10min, "eva", "works"}));
  channel().runs_held = 1;
  pass(9min);
  CHECK(teller.lines.empty());
  CHECK(alerting->alerts().at(0).is_open());
  pass(2min);
  CHECK(teller.lines.size() == 1);
  CHECK(alerting->silences().empty());
}

TEST_CASE_METHOD(Rig, "nobody is told twice after a restart, and nobody is forgotten") {
  const auto rule =
      with_rule(R"({"name": "held", "when": "lane_held", "notify": ["desk", "boss"]})");
  teller.away = true;
  start(rule);
  channel().runs_held = 1;
  pass(60s);
  CHECK(teller.lines.empty());
  begin();
  teller.away = false;
  pass(10s);
  CHECK(teller.lines.size() == 2);
  begin();
  pass(60s);
  CHECK(teller.lines.size() == 2);
  channel().runs_held = 0;
  pass(10s);
  CHECK(teller.lines.size() == 4);
  begin();
  pass(60s);
  CHECK(teller.lines.size() == 4);
}

TEST_CASE_METHOD(Rig, "rates: errors of a window, commits of a window") {
  start(with_rule(R"({"name": "errors", "when": "error_rate", "percent": 20, "at_least": 10,
                      "window_ms": 60000, "notify": ["desk"]},
                     {"name": "slow", "when": "latency", "above_ms": 100, "window_ms": 60000,
                      "notify": ["desk"]})"));
  channel().received = 1000;
  pass(60s);
  channel().received += 9;
  channel().failed += 9;
  pass(20s);
  CHECK(teller.lines.empty());  // too few to say
  channel().received += 20;
  channel().failed += 3;
  pass(20s);
  CHECK(teller.lines.size() == 1);
  CHECK(
      teller.lines.back().starts_with("desk: warning opened: errors: lab/oru_in: 12 of 29 failed"));
  pass(120s);
  CHECK(teller.lines.size() == 2);  // over: the window has moved on
  channel().commits[14] += 100;     // below 262 ms
  pass(10s);
  CHECK(teller.lines.size() == 3);
  CHECK(teller.lines.back().ends_with("one commit in a hundred takes up to 263 ms"));
}

TEST_CASE_METHOD(Rig, "a queue's age, a failed channel, certificates, the disk, a restart") {
  start(with_rule(
      R"({"name": "age", "when": "queue_age", "destination": "archive", "after_ms": 60000, "notify": ["desk"]},
         {"name": "failed", "when": "channel_failed", "channels": ["lab"], "notify": ["desk"]},
         {"name": "cert", "when": "certificate_expiry", "within_days": 14, "notify": ["desk"]},
         {"name": "disk", "when": "disk_forecast", "percent": 5, "within_hours": 24, "notify": ["desk"]},
         {"name": "restart", "when": "engine_restarted", "window_ms": 60000, "notify": ["desk"]})"));
  situation.disk_bytes = 1000;
  situation.disk_free = 900;
  situation.unclean_start = true;
  channel().oldest_run = clock.at - 1h;  // another queue
  channel().destinations[0].oldest = clock.at;
  channel().failure = "source: the port is taken";
  situation.certificates.push_back({"lab/oru_in", "lab/oru_in source", clock.at + 24h * 13});
  situation.certificates.push_back({"", "admin API", clock.at + 24h * 300});
  pass(10s);
  CHECK(teller.lines ==
        Lines{"desk: warning opened: cert: lab/oru_in source: the certificate expires in 12 d 23 h",
              "desk: warning opened: failed: lab/oru_in: source: the port is taken",
              "desk: warning opened: restart: engine: it did not end cleanly, and was started 5 s "
              "ago"});
  teller.lines.clear();
  pass(60s);
  CHECK(
      teller.lines ==
      Lines{"desk: warning opened: age: lab/oru_in > archive: the oldest has been waiting for 60 s",
            "desk: resolved: restart: engine"});
  teller.lines.clear();
  for (int i = 0; i < 20; ++i) {  // 10 % in 20 minutes
    situation.disk_free -= 5;
    pass(60s);
  }
  REQUIRE(teller.lines.size() == 1);
  CHECK(teller.lines[0].starts_with("desk: warning opened: disk: disk: at the present rate"));
}

TEST_CASE_METHOD(Rig, "when a channel last received something is known after a restart") {
  start(with_rule(R"({"name": "quiet", "when": "idle", "after_ms": 600000, "notify": ["desk"]})"));
  channel().last_received = clock.at;
  pass(300s);
  alerting.reset();
  channel().last_received.reset();
  situation.engine_started = clock.at;
  begin();
  pass(290s);
  CHECK(teller.lines.empty());
  pass(20s);
  CHECK(teller.lines.size() == 1);
  channel().last_received = clock.at;
  pass(5s);
  CHECK(teller.lines.size() == 2);
}

TEST_CASE_METHOD(Rig, "a broken new version of the rules leaves the old one at work") {
  start(with_rule(R"({"name": "held", "when": "lane_held", "notify": ["desk"]})"));
  const auto file = folder.path() / "alerts.json";
  const auto write = [&](const std::string& text, int seconds) {
    std::ofstream(file) << text;
    std::filesystem::last_write_time(
        file, std::filesystem::file_time_type::clock::now() + std::chrono::seconds(seconds));
  };
  write("{\"rules\": [}", 10);
  channel().runs_held = 1;
  pass(10s);
  CHECK(alerting->problems().size() == 1);
  CHECK(teller.lines.size() == 1);
  write(R"({"rules": []})", 20);
  pass(10s);
  CHECK(alerting->problems().empty());
  CHECK_FALSE(alerting->alerts().at(0).is_open());
}

TEST_CASE("every problem of a file of rules is named at once") {
  config::Problems problems;
  problems.file = "alerts.json";
  const auto value = config::parse_json(
      R"({"recipients": [{"name": "a", "type": "email", "url": "http://x"}],
          "rules": [{"name": "r", "when": "idle", "hours": ["monday"], "notify": ["b"]},
                    {"name": "r", "when": "idel", "escalate_after_ms": 5}]})",
      problems);
  REQUIRE(value);
  read_rules(*value, problems, nullptr);
  CHECK(problems.list.size() == 1);  // the shape first
  problems.list.clear();
  const auto shaped = config::parse_json(
      R"({"recipients": [{"name": "a", "type": "email", "url": "http://x"}],
          "rules": [{"name": "r", "when": "idle", "hours": ["monday"], "notify": ["b"]},
                    {"name": "r", "when": "idle", "escalate_after_ms": 5}]})",
      problems);
  read_rules(*shaped, problems, nullptr);
  std::string all;
  for (const auto& problem : problems.list) all += problem.str() + "\n";
  INFO(all);
  CHECK(problems.list.size() == 6);
  CHECK(all.find("there is no recipient \"b\"") != std::string::npos);
  CHECK(all.find("\"monday\" are no hours") != std::string::npos);
}

}  // namespace
}  // namespace causeway::observe
