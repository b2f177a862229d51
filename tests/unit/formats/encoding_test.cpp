#include <catch2/catch.hpp>

#include "engine/formats/encoding/converter.h"

namespace causeway::encoding {
namespace {

Losses last;

std::string convert(std::string_view bytes, const char* from, const char* to) {
  auto converter = Converter::make(*find_character_set(from), *find_character_set(to));
  REQUIRE(converter.ok());
  std::string out;
  last = converter->convert(bytes, out, [](std::string_view lost, std::string& text) {
    text += "<" + std::to_string(lost.size()) + ">";
  });
  return out;
}

TEST_CASE("character sets are found by the names that messages give them") {
  auto name = [](std::string_view text) {
    const auto* set = find_character_set(text);
    return set ? set->name : "(none)";
  };
  CHECK(name("8859/1") == "ISO-8859-1");
  CHECK(name("8859-15") == "ISO-8859-15");
  CHECK(name("iso8859-2") == "ISO-8859-2");
  CHECK(name("UNICODE UTF-8") == "UTF-8");
  CHECK(name("utf8") == "UTF-8");
  CHECK(name("UNICODE") == "UTF-8");
  CHECK(name("WINDOWS-1252") == "windows-1252");
  CHECK(name("cp1250") == "windows-1250");
  CHECK(name("KS X 1001") == "EUC-KR");
  CHECK(name("BIG-5") == "Big5");
  CHECK(name("GB 18030-2000") == "GB18030");
  CHECK(name("CNS 11643-1992") == "EUC-TW");
  CHECK(name("ISO IR87") == "ISO-2022-JP");
  CHECK(name("ISO IR6") == "US-ASCII");
  for (auto text : {"", "-", "8859/99", "KLINGON", "cp125"}) CHECK(name(text) == "(none)");
}

TEST_CASE("MSH-18 is read with its repetitions") {
  auto name = [](std::string_view text) { return declared_character_set(text, '~')->name; };
  CHECK(name("") == "US-ASCII");
  CHECK(name("8859/1~UNICODE UTF-8") == "ISO-8859-1");
  CHECK(name("~ISO IR87") == "ISO-2022-JP");
  CHECK(name("ISO IR14~ISO IR87~ISO IR159") == "ISO-2022-JP");
  CHECK(declared_character_set("KLINGON", '~') == nullptr);
}

TEST_CASE("each set of the standard is decoded and written back") {
  struct Case {
    const char* set;
    std::string_view bytes, text;
  };
  using namespace std::string_view_literals;
  const Case cases[] = {
      {"8859/1", "M\xFCller", "Müller"},
      {"8859/5", "\xB8\xE8", "Иш"},
      {"8859/15", "\xA4", "€"},
      {"windows-1252", "\x80 \x93x\x94", "€ “x”"},
      {"windows-1255", "\xF9\xEC\xE5\xED", "שלום"},
      {"KS X 1001", "\xB1\xE8\xC8\xF1\xC1\xDF", "김희중"},
      {"BIG-5", "\xB3\x5C\xA5\x5C\xBB\x5C", "許功蓋"},
      {"GB 18030-2000", "\x95\x32\x82\x36\xD5\xC5", "𠀀张"},
      {"ISO IR87", "Yamada^\x1B$B;3ED\x1B(B^x", "Yamada^山田^x"},
      {"ISO IR14", "\x1B(I1R\x1B(B", "ｱﾒ"},
      {"ISO IR159", "\x1B$(D0!\x1B(B", "丂"},
      {"UTF-16LE", "a\0\xAC\x20"sv, "a€"},
      {"UTF-16BE", "\0a\x20\xAC\xD8\x34\xDD\x1E"sv, "a€𝄞"},
      {"UTF-32BE", "\0\0\x20\xAC"sv, "€"},
  };
  for (const auto& one : cases) {
    INFO(one.set);
    CHECK(convert(one.bytes, one.set, "UTF-8") == one.text);
    CHECK(last.none());
    CHECK(convert(one.text, "UTF-8", one.set) == one.bytes);
    CHECK(last.none());
  }
}

TEST_CASE("8-bit kana, marks of byte order and line ends in ISO-2022-JP are understood") {
  using namespace std::string_view_literals;
  CHECK(convert("\xB1\xD2", "ISO IR14", "UTF-8") == "ｱﾒ");
  CHECK(convert("\x1B$B;3\r;3", "ISO IR87", "UTF-8") == "山\r;3");
  CHECK(convert("\xFF\xFE"
                "a\0"sv,
                "UNICODE UTF-16", "UTF-8") == "a");
  CHECK(convert("\xFE\xFF\0a"sv, "UNICODE UTF-16", "UTF-8") == "a");
  CHECK(convert("\0a"sv, "UNICODE UTF-16", "UTF-8") == "a");
  CHECK(wide_character_set("M\0S\0H\0|\0"sv)->name == "UTF-16LE");
  CHECK(wide_character_set("\0M\0S"sv)->name == "UTF-16BE");
  CHECK(wide_character_set("MSH|") == nullptr);
}

TEST_CASE("what can't be decoded, or has no place, is counted and given a stand-in") {
  CHECK(convert("a\xFC"
                "b",
                "ASCII", "UTF-8") == "a<1>b");
  CHECK(last.undecodable == 1);
  CHECK(convert("a\xFC\xE2\x82", "UTF-8", "8859/1") == "a<1><1><1>");
  CHECK(last.undecodable == 3);
  CHECK(convert("a\x81 b", "windows-1252", "UTF-8") == "a<1> b");
  CHECK(convert("\xB3", "BIG-5", "UTF-8") == "<1>");
  CHECK(convert("\x1B$A", "ISO IR87", "UTF-8") == "<1>$A");
  CHECK(convert("a\0b", "UTF-16BE", "UTF-8") == "<1>");
  CHECK(convert("10 € 山", "UTF-8", "8859/1") == "10 <3> <3>");
  CHECK(last.unmappable == 2);
  CHECK(last.undecodable == 0);
  CHECK(convert("é", "UTF-8", "ASCII") == "<2>");
  CHECK(convert("€", "UTF-8", "ISO IR87") == "<3>");
}

TEST_CASE("only the shortest form of what Unicode has is UTF-8") {
  for (auto text : {"", "abc", "ü€𝄞", "\xF4\x8F\xBF\xBF"}) CHECK(is_utf8(text));
  for (auto text : {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "\xC3"})
    CHECK_FALSE(is_utf8(text));
}

TEST_CASE("control characters that ISO-2022-JP has no place for are reported, not written") {
  // U+0083 would be taken for the first byte of a longer character, with the one behind it.
  CHECK(convert("a\xC2\x83"
                "0\xC2\x9F"
                "b\x1B",
                "UTF-8", "ISO IR87") == "a<2>0<2>b<1>");
  CHECK(last.unmappable == 3);
  CHECK(convert("\x83"
                "A",
                "8859/1", "ISO IR87") == "<2>A");
  CHECK(convert("a\xC2\xA7", "UTF-8", "ISO IR87") == "a\x1B$B!x\x1B(B");
}

TEST_CASE("a place of ISO-2022-JP without a character is one loss, of as many bytes as came") {
  CHECK(convert("a\x1B$(D||||b\x1B(Bc", "ISO IR87", "UTF-8") == "a<3><3><1>c");
  CHECK(last.undecodable == 5);
  CHECK(convert("a\x1B$B||\x1B(Bc", "ISO IR87", "UTF-8") == "a<2>c");
  CHECK(last.undecodable == 2);
}

}  // namespace
}  // namespace causeway::encoding
