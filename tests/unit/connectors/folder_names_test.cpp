// Names of files: templates, and what is no path below a folder.
#include <catch2/catch.hpp>

#include "connectors/support/folder/folder.h"
#include "connectors/support/folder/name_template.h"

namespace causeway::connectors::folder {
namespace {

const std::string body =
    "MSH|^~\\&|LAB|HOSP|EMR|HOSP|20260301120000||ORU^R01^ORU_R01|../../etc/M 1|P|2.5\r"
    "PID|1||..4711^^^HOSP^MR||M\xc3\xbcller/x\r";

StoredDelivery delivery() {
  StoredDelivery one;
  one.work.message = make_message_id(1772366400123, NodeId{0}, 7);  // 2026-03-01T12:00:00.123Z
  one.work.part = 1;
  one.body = Body(make_bytes(body));
  one.attributes = std::make_shared<const Attributes>(Attributes{{"file", "../in.hl7"}});
  return one;
}

std::string filled(std::string_view text) {
  const auto names = NameTemplate::parse(text);
  INFO(text);
  REQUIRE(names.ok());
  const auto name = names->fill(delivery(), body);
  REQUIRE(name.ok());
  return *name;
}

TEST_CASE("Name template: what can be named") {
  CHECK(filled("plain.hl7") == "plain.hl7");
  CHECK(filled("{date}/{time}-{type}.hl7") == "20260301/120000-ORU_R01.hl7");
  CHECK(filled("{message_id}-{part}") == to_string(delivery().work.message) + "-2");
  CHECK(filled("{attribute:file}-{attribute:none}") == "_.._in.hl7-_");
  CHECK(filled("x{MSH-4}_{OBX-5}") == "xHOSP__");
}

TEST_CASE("Name template: a value can't leave its place in the path") {
  CHECK(filled("{control_id}.hl7") == "_.._.._etc_M_1.hl7");
  CHECK(filled("{PID-3.1}") == "_..4711");
  CHECK(filled("{PID-5}") == "M__ller_x");
}

TEST_CASE("Name template: what it refuses") {
  for (auto text : {"", "{", "}", "a}b", "{nothing}", "{PID}", "{attribute:}", "{OBX[*]-5}",
                    "../{part}", "/etc/x", "a//b", "a/", "./a", "{date}/.."}) {
    INFO(text);
    CHECK(NameTemplate::parse(text).error().kind == ErrorKind::Invalid);
  }
  CHECK(NameTemplate::parse(std::string(600, 'a')).error().kind == ErrorKind::Invalid);
  const auto large = NameTemplate::parse(std::string(400, 'a'));
  REQUIRE(large.ok());
  CHECK(large->fill(delivery(), body).error().kind == ErrorKind::Limit);
}

TEST_CASE("Name template: whether it needs the body, and tells messages apart") {
  CHECK(NameTemplate::parse("{control_id}")->reads_body());
  CHECK_FALSE(NameTemplate::parse("{date}-{message_id}")->reads_body());
  CHECK(NameTemplate::parse("{date}-{message_id}")->is_unique());
  CHECK_FALSE(NameTemplate::parse("{date}")->is_unique());
}

TEST_CASE("Folder: relative paths") {
  for (auto good : {"a", "a/b.hl7", "...", ".hidden"}) CHECK(check_relative(good).ok());
  for (auto bad : {"", ".", "..", "a/../b", "/a", "a//b", "a/"})
    CHECK_FALSE(check_relative(bad).ok());
  CHECK_FALSE(check_relative(std::string_view("a\0b", 3)).ok());
  CHECK(parent_of("a/b/c") == "a/b");
  CHECK(parent_of("/c") == "/");
  CHECK(name_of("a/b") == "b");
  CHECK(joined("", "b") == "b");
  CHECK(joined("/", "b") == "/b");
  CHECK(printable("a\nb\xff") == "a?b?");
  CHECK(printable("M\xc3\xbcller") == "M\xc3\xbcller");
}

}  // namespace
}  // namespace causeway::connectors::folder
