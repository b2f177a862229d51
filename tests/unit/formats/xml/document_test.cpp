// XML: parsed within bounds, read by XPath, edited and written.
#include <catch2/catch.hpp>

#include "engine/formats/xml/document.h"

using namespace causeway;
using namespace causeway::xml;

namespace {

const std::string sample =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<p:patient xmlns:p=\"urn:p\" id=\"7\"><p:name>J\u00fcrgen</p:name><!--c--><p:name>K</p:name>"
    "<note xmlns=\"urn:n\">a<![CDATA[<b>]]></note></p:patient>\n";

Document parsed(std::string_view text) {
  auto document = Document::parse(text);
  REQUIRE(document);
  return std::move(*document);
}

/// Texts of what an XPath finds, parted by "|"; or the value; or the error.
std::string found(const Document& document, std::string_view xpath,
                  const Namespaces& namespaces = {{"p", "urn:p"}, {"n", "urn:n"}}) {
  auto result = document.find(document.top(), xpath, namespaces);
  if (!result) return "error: " + result.error().str();
  if (const auto* text = std::get_if<std::string>(&*result)) return *text;
  std::string texts;
  for (auto node : std::get<std::vector<Node>>(*result))
    texts += (texts.empty() ? "" : "|") + document.text(node);
  return texts;
}

Node first(const Document& document, std::string_view xpath) {
  auto result = document.find(document.top(), xpath, {{"p", "urn:p"}});
  REQUIRE(result);
  return std::get<std::vector<Node>>(*result).at(0);
}

std::string error_of(std::string_view text) {
  auto document = Document::parse(text);
  return document ? "none" : document.error().str();
}

}  // namespace

TEST_CASE("XPath finds nodes in the document's order, and values") {
  auto document = parsed(sample);
  CHECK(found(document, "/p:patient/p:name") == "J\u00fcrgen|K");
  CHECK(found(document, "//p:name[2] | //p:name[1]") == "J\u00fcrgen|K");
  CHECK(found(document, "string(/p:patient/@id)") == "7");
  CHECK(found(document, "/*/@id") == "7");
  CHECK(found(document, "count(//p:name)") == "2");
  CHECK(found(document, "//p:name = 'K'") == "true");
  CHECK(found(document, "//n:note") == "a<b>");
  CHECK(found(document, "//name").empty());
  CHECK(found(document, "//q:name").starts_with("error: \"//q:name\" can't be evaluated"));
  CHECK(found(document, "//[").starts_with("error: "));
  CHECK(found(document, "//@*[").starts_with("error: "));
  CHECK(found(document, std::string(5000, '/')) == "error: the XPath is too long");
}

TEST_CASE("an XPath that would take for ever is ended") {
  std::string wide = "<a>";
  for (int i = 0; i < 2000; ++i) wide += "<b/>";
  auto document = parsed(wide + "</a>");
  CHECK(found(document, "//*[count(//*[count(//*) > 1]) > 1]") ==
        "error: the XPath takes too many steps");
}

TEST_CASE("names, attributes, children and texts") {
  auto document = parsed(sample);
  auto root = document.root();
  CHECK(document.name(root) == "p:patient");
  CHECK(document.namespace_of(root) == "urn:p");
  CHECK(document.attribute(root, "id") == "7");
  CHECK(!document.has_attribute(root, "other"));
  CHECK(document.children(root).size() == 3);
  CHECK(document.children(document.top()).size() == 1);
  CHECK(document.name(document.top()).empty());
  CHECK(!document.edited());
}

TEST_CASE("edits change what they name, and are escaped") {
  auto document = parsed(sample);
  auto name = first(document, "//p:name");
  REQUIRE(document.set_text(name, "A & <B>"));
  REQUIRE(document.set_attribute(name, "use", "\"x\""));
  REQUIRE(document.set_text(first(document, "/*/@id"), "8"));
  auto added = document.append(document.root(), "p:city");
  REQUIRE(added);
  REQUIRE(document.set_text(*added, "Bern"));
  REQUIRE(document.remove(first(document, "//p:name[2]")));
  CHECK(document.edited());
  CHECK(document.write() ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<p:patient xmlns:p=\"urn:p\" id=\"8\"><p:name use=\"&quot;x&quot;\">A &amp; "
        "&lt;B&gt;</p:name>"
        "<!--c--><note xmlns=\"urn:n\">a<![CDATA[<b>]]></note><p:city>Bern</p:city></p:patient>\n");
  REQUIRE(document.remove_attribute(name, "use"));
  CHECK(document.write().find("use=") == std::string::npos);
}

TEST_CASE("what is taken out stays readable") {
  auto document = parsed("<a><b><c>x</c></b></a>");
  auto b = first(document, "//b"), c = first(document, "//c");
  REQUIRE(document.remove(b));
  REQUIRE(document.remove(b));
  REQUIRE(document.set_text(c, "y"));
  CHECK(document.text(b) == "y");
  REQUIRE(document.remove(c));
  CHECK(document.text(c) == "y");
  CHECK(document.write() == "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a/>\n");
}

TEST_CASE("what can't be written is refused") {
  auto document = parsed("<a b=\"1\"><c/></a>");
  CHECK(!document.set_text(document.root(), std::string("\0", 1)));
  CHECK(!document.set_text(document.root(), "\xFF"));
  CHECK(!document.set_text(document.root(), "\x01"));
  CHECK(!document.set_text(document.top(), "x"));
  CHECK(!document.set_attribute(document.root(), "a b", "x"));
  CHECK(!document.append(document.root(), "x y"));
  CHECK(!document.append(document.root(), "p:x"));
  CHECK(!document.append(document.top(), "x"));
  CHECK(!document.remove(document.root()));
  CHECK(!document.edited());
}

TEST_CASE("an element becomes a document with the namespaces that it uses") {
  auto document = parsed(sample);
  auto copy = document.copy(first(document, "//p:name"));
  REQUIRE(copy);
  CHECK(copy->write() ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<p:name "
        "xmlns:p=\"urn:p\">J\u00fcrgen</p:name>\n");
  CHECK(!document.copy(document.top()));
}

TEST_CASE("a document keeps its encoding") {
  const std::string latin1 = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<a>\xFC</a>\n";
  auto document = parsed(latin1);
  CHECK(document.text(document.root()) == "\u00fc");
  CHECK(document.write() == latin1);
}

TEST_CASE("nothing is loaded, and nothing grows") {
  CHECK(error_of("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>")
            .find("DOCTYPE) is not accepted") != std::string::npos);
  CHECK(error_of("<!DOCTYPE a [<!ENTITY b \"&c;&c;\"><!ENTITY c \"cc\">]><a>&b;</a>")
            .find("DOCTYPE) is not accepted") != std::string::npos);
  CHECK(error_of("<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/a.dtd\"><a/>")
            .find("DOCTYPE) is not accepted") != std::string::npos);
  CHECK(error_of("<a>&x;</a>") != "none");
  std::string deep, wide = "<a>";
  for (int i = 0; i < 300; ++i) deep += "<a>";
  for (int i = 0; i < 300; ++i) deep += "</a>";
  CHECK(error_of(deep) != "none");
  for (std::size_t i = 0; i <= nodes_max; ++i) wide += "<b/>";
  CHECK(error_of(wide + "</a>").find("more than 250000 elements") != std::string::npos);
  auto document = parsed("<a/>");
  auto at = document.root();
  int depth = 1;
  for (auto made = document.append(at, "a"); made; made = document.append(at, "a")) {
    at = *made;
    ++depth;
  }
  CHECK(depth == depth_max);
}

TEST_CASE("what is no XML is said with its place") {
  CHECK(error_of("") != "none");
  CHECK(error_of("<a>\n<b></a>").starts_with("2:"));
  CHECK(error_of("<a/><b/>") != "none");
  CHECK(error_of("<a x='1' x='2'/>") != "none");
  CHECK(error_of("<a>\xFF</a>") != "none");
}
