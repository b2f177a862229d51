// Delimited and fixed-width text, read and written.
#include <catch2/catch.hpp>

#include "engine/formats/delimited/delimited.h"

using namespace causeway;
using namespace causeway::delimited;

namespace {

/// Records as "a|b;c|d", or the error.
std::string shown(std::string_view text, const Format& format = {}) {
  auto records = read(text, format);
  if (!records) return records.error().str();
  std::string out;
  for (const auto& record : *records) {
    out += out.empty() ? "" : ";";
    for (std::size_t i = 0; i < record.fields.size(); ++i)
      out += (i > 0 ? "|" : "") + record.fields[i];
  }
  return out;
}

std::string written(const std::vector<std::string>& fields, const Format& format = {}) {
  std::string text;
  auto status = write(fields, format, text);
  return status ? text : status.error().str();
}

}  // namespace

TEST_CASE("delimited text is read by RFC 4180") {
  CHECK(shown("a,b\r\nc,d\r\n") == "a|b;c|d");
  CHECK(shown("a,b\nc,d") == "a|b;c|d");
  CHECK(shown("a,b\rc,d\r") == "a|b;c|d");
  CHECK(shown("\xEF\xBB\xBF\n\na,,\n\n,b,\n") == "a||;|b|");
  CHECK(shown("\"a,\"\"b\"\"\",\"c\r\nd\"\n") == "a,\"b\"|c\r\nd");
  CHECK(read("\"\"\n\"\"\n", {})->size() == 2);
  CHECK(shown("").empty());
  CHECK(shown("a;'b;c'", {.separator = ';', .quote = '\''}) == "a|b;c");
  CHECK(shown("a\t\"b", {.separator = '\t', .quote = '\0'}) == "a|\"b");
}

TEST_CASE("malformed delimited text is an error with its line") {
  CHECK(shown("a,b\nc,d\"e\n") == "line 2: a quote in a field that does not begin with one");
  CHECK(shown("a\n\"b\nc\"x\n") == "line 3: text after the closing quote of a field");
  CHECK(shown("a\n\n\"b\nc") == "line 3: a quoted field that is not closed");
  CHECK(shown(std::string(fields_max, ',')) ==
        "line 1: more than " + std::to_string(fields_max) + " fields in a line");
  CHECK(read("a", {.separator = '"'}).error().kind == ErrorKind::Invalid);
  CHECK(read("a", {.separator = '\n'}).error().kind == ErrorKind::Invalid);
  CHECK(read("a", {.widths = {0}}).error().kind == ErrorKind::Invalid);
}

TEST_CASE("lines count through quoted fields") {
  auto records = read("a\r\n\"b\r\nb\"\r\nc\r\n", {});
  REQUIRE(records);
  REQUIRE(records->size() == 3);
  CHECK((*records)[1].line == 2);
  CHECK((*records)[2].line == 4);
}

TEST_CASE("fixed-width text is cut at its columns") {
  Format format{.widths = {3, 5}};
  CHECK(shown("1  DOE  \n22\n333JOHNS", format) == "1|DOE;22|;333|JOHNS");
  CHECK(shown("333JOHNSx", format) == "line 1: it is longer than its columns");
  CHECK(written({"1", "DOE"}, format) == "1  DOE  \r\n");
  CHECK(written({"1"}, format) == "1       \r\n");
  CHECK(written({"1", "JOHNSON"}, format) == "field 2: longer than the 5 bytes of its column");
  CHECK(written({"1", "2", "3"}, format) == "field 3: there is no column for it");
  CHECK(written({"\n"}, format) == "field 1: a line end has no place in fixed-width text");
}

TEST_CASE("fields are quoted where they need it") {
  CHECK(written({"a", "b,c", "d\"e", "f\n", ""}) == "a,\"b,c\",\"d\"\"e\",\"f\n\",\r\n");
  CHECK(written({""}) == "\"\"\r\n");
  Format bare{.separator = '|', .quote = '\0'};
  CHECK(written({"a", "b"}, bare) == "a|b\r\n");
  CHECK(written({"a", "b|c"}, bare) == "field 2: it holds a separator or line end");
  CHECK(written({""}, bare) == "field 1: a line can't be empty");
}
