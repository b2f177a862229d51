#include "engine/config/lint.h"

#include <catch2/catch.hpp>

using namespace causeway::config;

namespace {

/// The problems' texts of a channel with this script.
std::vector<std::string> lint_script(const std::string& script) {
  ChannelConfig channel;
  channel.scripts["a.js"] = script;
  channel.destinations.emplace_back().name = "lab";
  Problems problems;
  lint_scripts(channel, "adt", problems);
  std::vector<std::string> texts;
  for (const auto& problem : problems.list) texts.push_back(problem.str());
  return texts;
}

}  // namespace

TEST_CASE("Lint: secrets written out in scripts are found", "[config]") {
  for (const char* script : {"const password = 'hunter22';", "f({ apiKey: \"a1b2c3d4e5\" });",
                             "const url = 'https://me:hunter22@example.org/';",
                             "h['Authorization'] = 'Basic bWU6aHVudA==';",
                             "const key = `-----BEGIN RSA PRIVATE KEY-----\nMIIE`;"}) {
    INFO(script);
    REQUIRE(lint_script(script).size() == 1);
    CHECK_THAT(lint_script(script)[0], Catch::Contains("a secret is written out"));
    CHECK_THAT(lint_script(script)[0], !Catch::Contains("hunt"));
  }
}

TEST_CASE("Lint: what only looks like a secret at first is left alone", "[config]") {
  for (const char* script :
       {"const password = msg.get('PID-3.1');", "if (password === 'unknown') return;",
        "const text = 'the password: ask the desk';", "const token = 'MSH-10';",
        "const url = 'http://example.org:8080/a@b';", "const label = { password: '' };",
        "const note = 'Bearer of this letter';", "// password = 'hunter22'"}) {
    INFO(script);
    CHECK(lint_script(script).empty());
  }
}

TEST_CASE("Lint: a destination or file that isn't there is named, with the nearest", "[config]") {
  CHECK(lint_script("ctx.send('lab');").empty());
  CHECK(lint_script("\n  ctx.send('lap');") ==
        std::vector<std::string>{
            "adt/a.js:2:12: the channel has no destination \"lap\"; did you mean \"lab\"?"});
  CHECK(lint_script("import x from './b.js';").size() == 1);
  CHECK(lint_script("import x from 'lib/dates.js';").empty());
}

TEST_CASE("Lint: state without a lane to keep it in", "[config]") {
  ChannelConfig channel;
  channel.scripts["a.js"] = "ctx.counter('n');\nctx.setState('x', 1); ctx.state('x');";
  Problems problems;
  lint_scripts(channel, "adt", problems);
  CHECK(problems.empty());
  channel.order_by = "none";
  lint_scripts(channel, "adt", problems);
  REQUIRE(problems.list.size() == 3);
  CHECK_THAT(problems.list[0].str(), Catch::Contains("order_by"));
}
