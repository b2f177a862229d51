#include "engine/config/script_text.h"

#include <catch2/catch.hpp>

using namespace causeway::config;

namespace {

std::vector<std::string> texts(std::string_view script) {
  std::vector<std::string> found;
  for (const auto& word : words_of_script(script)) found.emplace_back(word.text);
  return found;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("Script words: comments, texts and expressions are told apart", "[config]") {
  CHECK(texts("a = 'x\\'y' // \"no\"\n/* no */ b") == Texts{"a", "=", "x\\'y", "b"});
  CHECK(texts("s.replace(/[/\"]+/g, '')") ==
        Texts{"s", ".", "replace", "(", "[/\"]+", "g", ",", "", ")"});
  CHECK(texts("a / b / c") == Texts{"a", "/", "b", "/", "c"});
  CHECK(texts("`a\n${b}`") == Texts{"a\n${b}"});
}

TEST_CASE("Script words: what is not ended ends with the line or the text", "[config]") {
  CHECK(texts("'a\nb") == Texts{"a", "b"});
  CHECK(texts("'a\\") == Texts{"a\\"});
  CHECK(texts("/* a") == Texts{});
  CHECK(texts("= /a[/") == Texts{"=", "a[/"});
}

TEST_CASE("Script words: imports and calls, with their places", "[config]") {
  const auto words = words_of_script(
      "import { a } from \"./a.js\";\nimport './b.js';\nctx.send(\"lab\", msg); ctx.send(name);\n"
      "// ctx.send(\"none\")\nother.send(\"none\");\nexport * from '../c.js';");
  const auto imports = imports_of(words);
  REQUIRE(imports.size() == 3);
  CHECK(imports[0].name == "./a.js");
  CHECK(imports[1].name == "./b.js");
  CHECK(imports[2].name == "../c.js");
  const auto sends = context_calls(words, "send");
  REQUIRE(sends.size() == 1);
  CHECK(sends[0].name == "lab");
  CHECK(sends[0].place.line == 3);
  CHECK(sends[0].place.column == 10);
}
