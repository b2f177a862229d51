#include <catch2/catch.hpp>

#include "engine/config/fields.h"

using namespace causeway;
using namespace causeway::config;

namespace {

const Fields& server() {
  static const Fields fields = {
      integer("port", "TCP port").between(1, 65535).required(),
      text("host", "Address").defaults_to("0.0.0.0"),
      boolean("keep_alive", "Probes", true),
      choice("on_unreadable", "Then", {"nak", "close"}),
      duration_ms("idle_timeout_ms", "Idle", 600'000),
      size_bytes("frame_bytes_max", "Limit", 1024),
      text_list("ciphers", "Names"),
      text("password", "Of the account").secret(),
      object("tls", "Encryption",
             {
                 text("certificate", "File").required(),
                 boolean("verify_peer", "Ask", false),
             }),
  };
  return fields;
}

struct Outcome {
  Parsed parsed;
  std::vector<std::string> problems;
};

Outcome read_text(std::string_view json, const EnvironmentValues* environment = nullptr) {
  const auto value = parse_json(json, "f");
  REQUIRE(value);
  Problems problems;
  Outcome outcome{read(server(), *value, problems, "/source", environment), {}};
  for (const auto& problem : problems.list)
    outcome.problems.push_back(problem.pointer + ": " + problem.text);
  return outcome;
}

void require_problem(const Outcome& outcome, const std::string& text) {
  REQUIRE(outcome.problems.size() == 1);
  CHECK_THAT(outcome.problems[0], Catch::StartsWith(text));
}

}  // namespace

TEST_CASE("Read: defaults stand in for what is not given", "[config]") {
  const auto [parsed, problems] = read_text(R"({"port": 6661})");
  CHECK(problems.empty());
  CHECK(parsed.integer("port") == 6661);
  CHECK(parsed.given("port"));
  CHECK(parsed.text("host") == "0.0.0.0");
  CHECK(!parsed.given("host"));
  CHECK(parsed.boolean("keep_alive"));
  CHECK(parsed.text("on_unreadable") == "nak");
  CHECK(parsed.duration("idle_timeout_ms") == std::chrono::minutes(10));
  CHECK(parsed.text_list("ciphers").empty());
  CHECK(parsed.text("password").empty());
  CHECK(!parsed.given("tls"));
  CHECK(!parsed.object("tls").boolean("verify_peer"));
}

TEST_CASE("Read: given values", "[config]") {
  const auto [parsed, problems] = read_text(
      R"({"port": 1, "host": "::1", "keep_alive": false, "on_unreadable": "close",
          "ciphers": ["a", "b"], "password": "secret:LAB", "tls": {"certificate": "c.pem"}})");
  CHECK(problems.empty());
  CHECK(parsed.text("host") == "::1");
  CHECK(!parsed.boolean("keep_alive"));
  CHECK(parsed.text("on_unreadable") == "close");
  CHECK(parsed.text_list("ciphers") == std::vector<std::string>{"a", "b"});
  CHECK(parsed.text("password") == "secret:LAB");
  CHECK(parsed.given("tls"));
  CHECK(parsed.object("tls").text("certificate") == "c.pem");
}

TEST_CASE("Read: all problems at once", "[config]") {
  const auto outcome = read_text(R"({"prot": 1, "host": 5, "tls": {"verify_peer": 1}})");
  CHECK(outcome.problems.size() == 5);
}

TEST_CASE("Read: each problem says what is wrong where", "[config]") {
  require_problem(read_text("[]"), "/source: expected an object");
  require_problem(read_text("{}"), "/source: \"port\" is missing: TCP port");
  require_problem(read_text(R"({"port": 1, "hots": ""})"),
                  "/source/hots: unknown key \"hots\"; did you mean \"host\"?");
  require_problem(read_text(R"({"port": 1, "colour": ""})"),
                  "/source/colour: unknown key \"colour\"; known: port, host,");
  require_problem(read_text(R"({"port": 0})"), "/source/port: 0 is not between 1 and 65535");
  require_problem(read_text(R"({"port": "6661"})"), "/source/port: expected an integer");
  require_problem(read_text(R"({"port": 1.0})"), "/source/port: expected an integer");
  require_problem(read_text(R"({"port": 1, "on_unreadable": "clsoe"})"),
                  "/source/on_unreadable: \"clsoe\" is no choice; did you mean \"close\"?");
  require_problem(read_text(R"({"port": 1, "ciphers": ["a", 1]})"),
                  "/source/ciphers/1: expected a text");
  require_problem(read_text(R"({"port": 1, "idle_timeout_ms": -1})"),
                  "/source/idle_timeout_ms: -1 is not between 0 and");
  require_problem(read_text(R"({"port": 1, "tls": {}})"),
                  "/source/tls: \"certificate\" is missing");
  require_problem(read_text(R"({"port": 1, "host": "secret:X"})"),
                  "/source/host: no secret can be given here");
}

TEST_CASE("Read: a secret is a name, and never repeated", "[config]") {
  for (const auto* given : {"hunter2", "secret:", "secret:a b", "env:PASSWORD"}) {
    const auto outcome = read_text(R"({"port": 1, "password": ")" + std::string(given) + "\"}");
    require_problem(outcome, "/source/password: expected \"secret:NAME\"");
    CHECK_THAT(outcome.problems[0], !Catch::Contains("hunter2"));
    CHECK(outcome.parsed.text("password").empty());
  }
}

TEST_CASE("Read: env:NAME is what the environment says", "[config]") {
  const EnvironmentValues environment = {{"HOST", Value(std::string("lab"), {})},
                                         {"PORT", Value(std::int64_t{7000}, {})}};
  const auto [parsed, problems] =
      read_text(R"({"port": "env:PORT", "host": "env:HOST"})", &environment);
  CHECK(problems.empty());
  CHECK(parsed.integer("port") == 7000);
  CHECK(parsed.text("host") == "lab");

  require_problem(read_text(R"({"port": "env:HOST"})", &environment),
                  "/source/port: expected an integer");
  require_problem(read_text(R"({"port": "env:PROT"})", &environment),
                  "/source/port: the environment has no \"PROT\"; did you mean \"PORT\"?");
  require_problem(read_text(R"({"port": "env:"})", &environment), "/source/port: after \"env:\"");
  const auto unresolved = read_text(R"({"port": "env:PORT", "host": "env:HOST"})");
  CHECK(unresolved.problems.empty());
  CHECK(unresolved.parsed.given("port"));
  CHECK(unresolved.parsed.text("host") == "0.0.0.0");
}

TEST_CASE("Environment: a file of texts and integers", "[config]") {
  Problems problems{"env.json", {}};
  const auto values = read_environment(R"({"A": "x", "B": 5, "c d": 1, "E": true})", problems);
  CHECK(values.size() == 2);
  CHECK(*values.at("B").integer() == 5);
  CHECK(problems.list.size() == 2);
  Problems missing;
  CHECK(load_environment_file("/nonexistent/env.json", missing).empty());
  CHECK(missing.list.size() == 1);
}

TEST_CASE("Environment: variables of the process", "[config]") {
  const std::vector<std::pair<std::string, std::string>> variables = {
      {"HOST", "lab"}, {"PORT", "7000"}, {"SITE", "007"}, {"EMPTY", ""}};
  for (const auto& [name, value] : variables)
    setenv(("CAUSEWAY_ENV_" + name).c_str(), value.c_str(), 1);
  Problems problems;
  const auto values = load_environment(problems);
  for (const auto& [name, value] : variables) unsetenv(("CAUSEWAY_ENV_" + name).c_str());
  CHECK(problems.empty());
  REQUIRE(values.size() == 4);
  CHECK(*values.at("HOST").string() == "lab");
  CHECK(*values.at("PORT").integer() == 7000);
  CHECK(*values.at("SITE").string() == "007");
  CHECK(values.at("EMPTY").string()->empty());

  const auto as_text = read_text(R"({"port": 1, "host": "env:PORT"})", &values);
  CHECK(as_text.problems.empty());
  CHECK(as_text.parsed.text("host") == "7000");
}

TEST_CASE("Schema and reference page say what the declaration says", "[config]") {
  const auto schema_text = json_schema(server(), "Server");
  const auto schema = parse_json(schema_text, "schema");
  REQUIRE(schema);
  const auto& properties = *schema->find("properties");
  CHECK(*properties.find("port")->find("anyOf")->list()->at(0).find("maximum")->integer() == 65535);
  CHECK(*properties.find("host")->find("default")->string() == "0.0.0.0");
  CHECK(properties.find("password")->find("pattern"));
  CHECK(properties.find("on_unreadable")->find("enum")->list()->size() == 2);
  CHECK(properties.find("tls")->find("properties")->find("certificate"));
  CHECK(*schema->find("required")->list()->at(0).string() == "port");
  CHECK(!*schema->find("additionalProperties")->boolean());

  const auto page = reference_page(server(), "Server");
  CHECK_THAT(page, Catch::Contains("| `port` | integer, 1 to 65535 | required | TCP port |"));
  CHECK_THAT(page, Catch::Contains("| `tls.certificate` | text | required | File |"));
  CHECK_THAT(page, Catch::Contains("| `on_unreadable` | `nak`, `close` | `nak` | Then |"));
}

TEST_CASE("What comes over a wire refers to nothing: a text is a text", "[config]") {
  const Fields fields = {
      text("host", "Address").required(),
      object_list("grants", "Roles", {text("role", "Its name").required(), integer("days", "n")})};
  const auto value = parse_json(
      R"({"host":"env:HOST","grants":[{"role":"secret:x"},{"role":"a","days":"env:N"},{"dys":1}]})",
      "f");
  REQUIRE(value);
  Problems problems;
  const auto parsed = read_plain(fields, *value, problems, "/body");
  CHECK(parsed.text("host") == "env:HOST");
  REQUIRE(parsed.object_list("grants").size() == 3);
  CHECK(parsed.object_list("grants")[0].text("role") == "secret:x");
  REQUIRE(problems.list.size() == 3);
  CHECK(problems.list[0].pointer == "/body/grants/1/days");
  CHECK(problems.list[1].pointer == "/body/grants/2/dys");
  CHECK(problems.list[2].pointer == "/body/grants/2");

  const auto schema = parse_json(plain_schema(fields), "schema");
  REQUIRE(schema);
  const auto* grants = schema->find("properties")->find("grants");
  CHECK(*grants->find("items")->find("properties")->find("days")->find("type")->string() ==
        "integer");
}
