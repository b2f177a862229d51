#include "engine/formats/hl7v2/guard.h"

#include "engine/formats/encoding/converter.h"
#include "engine/formats/encoding/iso_2022_jp.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

using encoding::CharacterSet;
using encoding::Iso2022JpReader;
using encoding::Shape;

/// Neither a delimiter nor a segment end in any message.
constexpr char stand_in = '\x01';
constexpr std::size_t repetitions_read = 256;  // bytes of MSH-18

/// Replaces what looks like a delimiter at [begin, begin + length).
void guard(std::string& text, std::size_t begin, std::size_t length, std::string_view special) {
  for (std::size_t i = begin; i < begin + length; ++i)
    if (special.find(text[i]) != std::string_view::npos) text[i] = stand_in;
}

void guard_low_trails(std::string& text, const CharacterSet& set, std::string_view special) {
  for (std::size_t i = 0; i < text.size();) {
    const auto length = encoding::low_trail_length(set, std::string_view(text).substr(i, 4));
    if (length > 1) guard(text, i + 1, length - 1, special);
    i += length;
  }
}

void guard_iso_2022_jp(std::string& text, std::string_view original, std::string_view special) {
  Iso2022JpReader reader(original);
  std::size_t at = 0;
  for (auto kind = reader.next(); kind != Iso2022JpReader::Kind::End; kind = reader.next()) {
    if (kind == Iso2022JpReader::Kind::Euc || kind == Iso2022JpReader::Kind::Escape)
      guard(text, at, reader.taken().size(), special);
    at += reader.taken().size();
  }
}

const CharacterSet* declared_in(std::string_view msh, const Delimiters& delimiters) {
  const auto declared = field_of(msh, delimiters.field, 18);
  return declared ? declared_to_guard(*declared, delimiters) : nullptr;
}

}  // namespace

bool is_plain(std::string_view text) {
  return encoding::ascii_prefix(text) == text.size() && text.find('\x1B') == text.npos;
}

const CharacterSet* declared_to_guard(std::string_view msh_18, const Delimiters& delimiters) {
  if (msh_18.empty()) return nullptr;
  return set_to_guard(
      encoding::declared_character_set(msh_18.substr(0, repetitions_read), delimiters.repetition));
}

const CharacterSet* set_to_guard(const CharacterSet* declared) {
  const bool needed =
      declared && (declared->shape == Shape::LowTrail || declared->shape == Shape::Iso2022Jp);
  return needed ? declared : nullptr;
}

const CharacterSet* set_to_guard(std::string_view msh, const Delimiters& delimiters) {
  if (is_plain(msh)) return declared_in(msh, delimiters);
  // Names in MSH itself may hide where MSH-18 is: it is where the set that it names says.
  for (auto name : {"BIG-5", "GB 18030-2000", "ISO IR87", "Shift_JIS"}) {
    const auto* set = encoding::find_character_set(name);
    const auto copy = guarded(msh, *set, delimiters);
    if (declared_in(copy ? *copy : msh, delimiters) == set) return set;
  }
  return nullptr;
}

std::optional<std::string> guarded(std::string_view text, const CharacterSet& set,
                                   const Delimiters& delimiters) {
  if (is_plain(text)) return std::nullopt;
  const char special[] = {delimiters.field, delimiters.component, delimiters.repetition,
                          delimiters.escape, delimiters.subcomponent};
  const std::string_view all(special, std::size(special));
  std::string copy(text);
  if (set.shape == Shape::LowTrail)
    guard_low_trails(copy, set, all);
  else
    guard_iso_2022_jp(copy, text, all);
  if (copy == text) return std::nullopt;
  return copy;
}

}  // namespace causeway::hl7v2
