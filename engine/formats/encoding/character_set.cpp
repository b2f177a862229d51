#include "engine/formats/encoding/character_set.h"

#include <algorithm>
#include <array>
#include <string>

namespace causeway::encoding {
namespace {

constexpr std::size_t name_bytes_max = 64;

constexpr CharacterSet sets[] = {
    {"US-ASCII", "ASCII", "ASCII", Shape::Ascii},
    {"UTF-8", "UNICODE UTF-8", "UTF-8", Shape::Utf8},
    {"ISO-8859-1", "8859/1", "ISO-8859-1", Shape::OneByte},
    {"ISO-8859-2", "8859/2", "ISO-8859-2", Shape::OneByte},
    {"ISO-8859-3", "8859/3", "ISO-8859-3", Shape::OneByte},
    {"ISO-8859-4", "8859/4", "ISO-8859-4", Shape::OneByte},
    {"ISO-8859-5", "8859/5", "ISO-8859-5", Shape::OneByte},
    {"ISO-8859-6", "8859/6", "ISO-8859-6", Shape::OneByte},
    {"ISO-8859-7", "8859/7", "ISO-8859-7", Shape::OneByte},
    {"ISO-8859-8", "8859/8", "ISO-8859-8", Shape::OneByte},
    {"ISO-8859-9", "8859/9", "ISO-8859-9", Shape::OneByte},
    {"ISO-8859-10", "8859/10", "ISO-8859-10", Shape::OneByte},
    {"ISO-8859-11", "8859/11", "ISO-8859-11", Shape::OneByte},
    {"ISO-8859-13", "8859/13", "ISO-8859-13", Shape::OneByte},
    {"ISO-8859-14", "8859/14", "ISO-8859-14", Shape::OneByte},
    {"ISO-8859-15", "8859/15", "ISO-8859-15", Shape::OneByte},
    {"ISO-8859-16", "8859/16", "ISO-8859-16", Shape::OneByte},
    {"windows-1250", "", "CP1250", Shape::OneByte},
    {"windows-1251", "", "CP1251", Shape::OneByte},
    {"windows-1252", "", "CP1252", Shape::OneByte},
    {"windows-1253", "", "CP1253", Shape::OneByte},
    {"windows-1254", "", "CP1254", Shape::OneByte},
    {"windows-1255", "", "CP1255", Shape::OneByte},
    {"windows-1256", "", "CP1256", Shape::OneByte},
    {"windows-1257", "", "CP1257", Shape::OneByte},
    {"windows-1258", "", "CP1258", Shape::OneByte},
    {"IBM437", "", "CP437", Shape::OneByte},
    {"IBM850", "", "CP850", Shape::OneByte},
    {"macintosh", "", "MACINTOSH", Shape::OneByte},
    {"KOI8-R", "", "KOI8-R", Shape::OneByte},
    {"TIS-620", "", "TIS-620", Shape::OneByte},
    {"EUC-KR", "KS X 1001", "EUC-KR", Shape::HighTrail},
    {"EUC-JP", "", "EUC-JP", Shape::HighTrail},
    {"EUC-TW", "CNS 11643-1992", "EUC-TW", Shape::HighTrail},
    {"Big5", "BIG-5", "BIG5", Shape::LowTrail},
    {"GB18030", "GB 18030-2000", "GB18030", Shape::LowTrail},
    {"Shift_JIS", "", "CP932", Shape::LowTrail},
    {"ISO-2022-JP", "ISO IR87", "EUC-JP", Shape::Iso2022Jp},
    {"UTF-16", "UNICODE UTF-16", "UTF-16", Shape::Wide},
    {"UTF-16LE", "", "UTF-16LE", Shape::Wide},
    {"UTF-16BE", "", "UTF-16BE", Shape::Wide},
    {"UTF-32", "UNICODE UTF-32", "UTF-32", Shape::Wide},
    {"UTF-32LE", "", "UTF-32LE", Shape::Wide},
    {"UTF-32BE", "", "UTF-32BE", Shape::Wide},
};

struct Alias {
  std::string_view folded;
  std::string_view name;
};

/// What senders write, folded.
constexpr Alias aliases[] = {
    {"isoir6", "US-ASCII"},
    {"ansix34", "US-ASCII"},
    {"iso646", "US-ASCII"},
    {"7bit", "US-ASCII"},
    // An MSH that can be read is none of UCS-2, so "UNICODE" can only mean this.
    {"unicode", "UTF-8"},
    {"isoir192", "UTF-8"},
    {"iso10646", "UTF-8"},
    {"latin1", "ISO-8859-1"},
    {"isoir100", "ISO-8859-1"},
    {"latin2", "ISO-8859-2"},
    {"isoir101", "ISO-8859-2"},
    {"isoir144", "ISO-8859-5"},
    {"isoir127", "ISO-8859-6"},
    {"isoir126", "ISO-8859-7"},
    {"isoir138", "ISO-8859-8"},
    {"isoir148", "ISO-8859-9"},
    {"latin9", "ISO-8859-15"},
    {"ansi", "windows-1252"},
    {"ksc5601", "EUC-KR"},
    {"ksx1001", "EUC-KR"},
    {"ks1001", "EUC-KR"},
    {"isoir149", "EUC-KR"},
    {"gb18030", "GB18030"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"cp936", "GB18030"},
    {"sjis", "Shift_JIS"},
    {"windows31j", "Shift_JIS"},
    {"cp932", "Shift_JIS"},
    {"cp950", "Big5"},
    {"isoir13", "ISO-2022-JP"},
    {"isoir14", "ISO-2022-JP"},
    {"isoir159", "ISO-2022-JP"},
    {"jisx0208", "ISO-2022-JP"},
    {"ucs2", "UTF-16"},
    {"cp437", "IBM437"},
    {"cp850", "IBM850"},
};

std::string fold(std::string_view name) {
  std::string folded;
  for (char c : name.substr(0, name_bytes_max)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) folded += c;
  }
  return folded;
}

const CharacterSet* find_by_name(std::string_view name) {
  for (const auto& set : sets)
    if (set.name == name) return &set;
  return nullptr;
}

/// As they are written in MSH-18 by the book, without taking a name apart.
const CharacterSet* find_written(std::string_view name) {
  for (const auto& set : sets)
    if (set.hl7_name == name || set.name == name) return &set;
  return nullptr;
}

const CharacterSet* find_folded(const std::string& folded) {
  for (const auto& set : sets)
    if (fold(set.name) == folded || (!set.hl7_name.empty() && fold(set.hl7_name) == folded))
      return &set;
  for (const auto& alias : aliases)
    if (alias.folded == folded) return find_by_name(alias.name);
  // "iso88591", "cp1252", "win1252", "x-windows-1252"
  const std::pair<std::string_view, std::string_view> families[] = {
      {"iso8859", "ISO-8859-"}, {"cp125", "windows-125"}, {"win125", "windows-125"}};
  for (const auto& [prefix, name] : families)
    if (folded.starts_with(prefix))
      return find_by_name(std::string(name) + folded.substr(prefix.size()));
  return nullptr;
}

}  // namespace

const CharacterSet& ascii() {
  return sets[0];
}

const CharacterSet& utf8() {
  return sets[1];
}

const CharacterSet* find_character_set(std::string_view name) {
  // What nearly every message has needs no folding.
  if (name == "UNICODE UTF-8" || name == "UTF-8") return &utf8();
  if (name == "ASCII") return &ascii();
  if (name.empty()) return nullptr;
  if (const auto* set = find_written(name)) return set;
  const auto folded = fold(name);
  return folded.empty() ? nullptr : find_folded(folded);
}

const CharacterSet* declared_character_set(std::string_view msh_18, char repetition) {
  const auto end = repetition == '\0' ? msh_18.npos : msh_18.find(repetition);
  const auto first = msh_18.substr(0, end);
  const auto* set = first.empty() ? &ascii() : find_character_set(first);
  for (auto rest = msh_18; rest.size() > first.size();) {
    const auto next = rest.find(repetition);
    if (next == rest.npos) break;
    rest.remove_prefix(next + 1);
    const auto* other = find_character_set(rest.substr(0, rest.find(repetition)));
    if (other && other->shape == Shape::Iso2022Jp) return other;
  }
  return set;
}

const CharacterSet* wide_character_set(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("MS")) return nullptr;
  constexpr std::pair<std::string_view, std::string_view> beginnings[] = {
      {"\xFF\xFE\0\0"sv, "UTF-32"}, {"\0\0\xFE\xFF"sv, "UTF-32"}, {"M\0\0\0"sv, "UTF-32LE"},
      {"\0\0\0M"sv, "UTF-32BE"},    {"\xFF\xFE"sv, "UTF-16"},     {"\xFE\xFF"sv, "UTF-16"},
      {"M\0S\0"sv, "UTF-16LE"},     {"\0M\0S"sv, "UTF-16BE"}};
  for (const auto& [beginning, name] : beginnings)
    if (bytes.starts_with(beginning)) return find_by_name(name);
  return nullptr;
}

std::size_t low_trail_length(const CharacterSet& set, std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() < 2 || at(0) < 0x81 || at(0) == 0xFF) return 1;
  if (set.name == "Shift_JIS") {
    const bool lead = at(0) <= 0x9F || (at(0) >= 0xE0 && at(0) <= 0xFC);
    return lead && at(1) >= 0x40 && at(1) != 0x7F && at(1) <= 0xFC ? 2 : 1;
  }
  if (set.name == "GB18030" && at(1) >= 0x30 && at(1) <= 0x39) {
    const bool whole =
        bytes.size() >= 4 && at(2) >= 0x81 && at(2) <= 0xFE && at(3) >= 0x30 && at(3) <= 0x39;
    return whole ? 4 : 1;
  }
  return at(1) >= 0x40 && at(1) != 0x7F && at(1) != 0xFF ? 2 : 1;
}

}  // namespace causeway::encoding
