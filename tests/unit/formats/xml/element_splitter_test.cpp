#include "engine/formats/xml/element_splitter.h"

#include <catch2/catch.hpp>

#include "engine/formats/xml/document.h"

namespace causeway::xml {
namespace {

using Elements = std::vector<std::string>;

Result<Elements> split(std::string_view text, const std::string& name, std::size_t piece,
                       std::size_t most = 10'000) {
  ElementSplitter splitter(name, most);
  Elements found;
  const auto keep = [&](std::string_view element) -> Status {
    found.emplace_back(element);
    return Done{};
  };
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
    if (auto pushed = splitter.push(text.substr(0, piece), keep); !pushed) return pushed.error();
  if (auto finished = splitter.finish(keep); !finished) return finished.error();
  return found;
}

Elements elements(std::string_view text, const std::string& name) {
  const auto whole = split(text, name, text.size() + 1);
  INFO((whole ? "" : whole.error().str()));
  REQUIRE(whole.ok());
  for (std::size_t piece : {1u, 2u, 5u, 64u}) {
    const auto pieces = split(text, name, piece);
    REQUIRE(pieces.ok());
    CHECK(*pieces == *whole);
  }
  for (const auto& element : *whole) CHECK(Document::parse(element).ok());
  return *whole;
}

TEST_CASE("Element splitter: each element as it stands, byte by byte") {
  CHECK(elements("<?xml version='1.0'?>\n<all><!-- one --><p id='1'> a &amp; b </p>\n"
                 "<q/><p/><p\n id=\"2\" ></p></all>",
                 "p") == Elements{"<p id='1'> a &amp; b </p>", "<p/>", "<p\n id=\"2\" ></p>"});
  CHECK(elements("<a><![CDATA[<p>]]></a>", "p").empty());
}

TEST_CASE("Element splitter: the outermost, whatever its prefix; or by its prefix") {
  CHECK(elements("<x:p xmlns:x='u'><p><p/></p></x:p>", "p") ==
        Elements{"<x:p xmlns:x='u'><p><p/></p></x:p>"});
  CHECK(elements("<a xmlns:x='u' xmlns:y='v'><x:p/><y:p/></a>", "y:p").size() == 1);
}

TEST_CASE("Element splitter: namespaces declared above come with it, the nearest of a prefix") {
  CHECK(elements("<a xmlns='d' xmlns:x='u&amp;1'><b xmlns:x='w'><x:p a='1'/></b><p xmlns='e'/></a>",
                 "p") ==
        Elements{"<x:p xmlns:x=\"w\" xmlns=\"d\" a='1'/>", "<p xmlns:x=\"u&amp;1\" xmlns='e'/>"});
}

TEST_CASE("Element splitter: an encoding other than UTF-8 comes with it") {
  const auto found =
      elements("<?xml version='1.0' encoding='iso-8859-1'?><a><p>D\xf6</p></a>", "p");
  REQUIRE(found.size() == 1);
  CHECK(found[0] == "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<p>D\xf6</p>");
}

TEST_CASE("Element splitter: what it refuses, with the line") {
  const auto error = [](std::string_view text, std::size_t most = 10'000) {
    const auto got = split(text, "p", 3, most);
    REQUIRE_FALSE(got.ok());
    return got.error();
  };
  CHECK(error("<a>\n<p></a>").place == "line 2");
  CHECK(error("<a>").kind == ErrorKind::Invalid);
  CHECK(error("<!DOCTYPE a [<!ENTITY e 'x'>]><a/>").kind == ErrorKind::Invalid);
  CHECK(error("<?xml version='1.0' encoding='windows-1252'?><a/>").kind == ErrorKind::Invalid);
  CHECK(error(std::string_view("<\0a\0>\0", 6)).kind == ErrorKind::Invalid);
  CHECK(error("<a><p>" + std::string(300, 'x') + "</p></a>", 100).kind == ErrorKind::Limit);
  CHECK(error("<a><p>" + std::string(200'000, 'x'), 100).kind == ErrorKind::Limit);
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "<a>";
  CHECK(error(deep).kind == ErrorKind::Limit);
}

TEST_CASE("Element splitter: holds one element, whatever the document's size") {
  ElementSplitter splitter("p", 10'000);
  std::size_t found = 0;
  const auto count = [&](std::string_view element) -> Status {
    found += element.size() == 1007 ? 1 : 0;
    return Done{};
  };
  REQUIRE(splitter.push("<a>", count).ok());
  const auto one = "<p>" + std::string(1000, 'x') + "</p>\n";
  for (int i = 0; i < 5000; ++i) REQUIRE(splitter.push(one, count).ok());
  REQUIRE(splitter.push("</a>", count).ok());
  REQUIRE(splitter.finish(count).ok());
  CHECK(found == 5000);
}

}  // namespace
}  // namespace causeway::xml
