// What scripts can call is what mappings/lib/causeway.d.ts tells editors, and the other way round.
#include <catch2/catch.hpp>

#include <fstream>
#include <regex>
#include <set>

#include "tests/unit/script/run_script.h"

using namespace causeway;
using namespace causeway::script;
using namespace causeway::script::testing;

namespace {

/// The members of each interface of the declarations.
std::map<std::string, std::set<std::string>> declared() {
  std::ifstream file("mappings/lib/causeway.d.ts");
  REQUIRE(file);
  std::map<std::string, std::set<std::string>> members;
  const std::regex begins("export interface (\\w+)(?: extends .*)? \\{"),
      member("  (?:readonly )?(\\w+)(?:\\?)?[(:].*");
  std::string interface, line;
  for (std::smatch found; std::getline(file, line);) {
    if (std::regex_match(line, found, begins)) interface = found[1];
    if (line == "}") interface.clear();
    if (!interface.empty() && std::regex_match(line, found, member))
      members[interface].insert(found[1]);
  }
  return members;
}

/// The names of an object's own properties and, if it has one of ours, its prototype's.
std::set<std::string> present(const std::string& object, ContentType type,
                              const std::string& bytes) {
  const std::string names =
      "const o = " + object +
      "; const p = Object.getPrototypeOf(o);"
      "return [...new Set([...Object.getOwnPropertyNames(o), ...(p === Object.prototype ? [] :"
      "Object.getOwnPropertyNames(p))])].join(' ')";
  Runner runner(sources_of(body(names), {{"tables/t.csv", "a,b\n1,2\n"}}));
  std::istringstream text(runner.text(bytes, type));
  std::set<std::string> found;
  for (std::string name; text >> name;) found.insert(name);
  return found;
}

}  // namespace

TEST_CASE("the types that editors read have every member that is there, and no other") {
  auto types = declared();
  CHECK(types["Message"] == present("msg", ContentType::Hl7v2, adt));
  CHECK(types["Segment"] == present("msg.segments()[0]", ContentType::Hl7v2, adt));
  CHECK(types["Group"] ==
        present("msg.groups('PROCEDURE')[0]", ContentType::Hl7v2, adt + "PR1|1||A\r"));
  CHECK(types["XmlNode"] == present("msg", ContentType::Xml, "<a/>"));
  // One object serves both; what is the other's throws.
  auto context = types["Context"];
  context.merge(types["ResponseContext"]);
  CHECK(context == present("ctx", ContentType::Hl7v2, adt));
  CHECK(types["Content"] == present("ctx.text('a')", ContentType::Hl7v2, adt));
  CHECK(types["Table"] == present("ctx.table('t')", ContentType::Hl7v2, adt));
  CHECK(types["MessageFacts"] == present("ctx.message", ContentType::Hl7v2, adt));
  CHECK(types["Sender"] == present("ctx.message.sender", ContentType::Hl7v2, adt));
  CHECK(types["ExactNumber"] == present("msg", ContentType::Json, "1e400"));
}
