#include "engine/formats/dicom/text.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "engine/formats/dicom/file.h"
#include "engine/formats/encoding/converter.h"

namespace causeway::dicom {
namespace {

using encoding::Converter;

constexpr char escape = '\x1b';
constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

/// How bytes of one half of the code table (G0: below 0x80, G1: above) become characters.
struct CodeElement {
  std::string_view name;     ///< Defined term, without "ISO_IR " or "ISO 2022 IR ".
  std::string_view escape;   ///< That designates it, without the ESC.
  std::string_view charset;  ///< That the bytes are converted from.
  bool is_g0 = false;
  int bytes = 1;               ///< A character.
  std::string_view lead = {};  ///< Before each character's bytes, for the conversion.
};

constexpr CodeElement ascii{"6", "(B", "US-ASCII", true};

constexpr CodeElement code_elements[] = {
    ascii,
    {"100", "-A", "ISO-8859-1"},
    {"101", "-B", "ISO-8859-2"},
    {"109", "-C", "ISO-8859-3"},
    {"110", "-D", "ISO-8859-4"},
    {"144", "-L", "ISO-8859-5"},
    {"127", "-G", "ISO-8859-6"},
    {"126", "-F", "ISO-8859-7"},
    {"138", "-H", "ISO-8859-8"},
    {"148", "-M", "ISO-8859-9"},
    {"203", "-b", "ISO-8859-15"},
    {"166", "-T", "TIS-620"},
    {"13", ")I", "EUC-JP", false, 1, "\x8e"},   // JIS X 0201 katakana
    {"14", "(J", "US-ASCII", true},             // JIS X 0201 romaji: ASCII but for \ and ~
    {"87", "$B", "EUC-JP", true, 2},            // JIS X 0208
    {"159", "$(D", "EUC-JP", true, 2, "\x8f"},  // JIS X 0212
    {"149", "$)C", "EUC-KR", false, 2},         // KS X 1001
    {"58", "$)A", "GB18030", false, 2},         // GB 2312
};

/// Sets without code extensions, whose bytes are converted whole.
struct WholeSet {
  std::string_view name, charset;
};
constexpr WholeSet whole_sets[] = {
    {"ISO_IR 192", "UTF-8"}, {"GB18030", "GB18030"}, {"GBK", "GB18030"}};

std::string_view number_of(std::string_view term) {
  for (const std::string_view prefix : {"ISO 2022 IR ", "ISO_IR ", "ISO-IR ", "ISO IR "})
    if (term.starts_with(prefix)) return term.substr(prefix.size());
  return {};
}

const CodeElement* find_element(std::string_view number) {
  const auto* found = std::find_if(std::begin(code_elements), std::end(code_elements),
                                   [&](const auto& each) { return each.name == number; });
  return found == std::end(code_elements) ? nullptr : found;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// After these, the first set holds again.
bool is_reset(char c, Vr kind) {
  if (c == '\r' || c == '\n' || c == '\f' || c == '\t') return true;
  if (kind == vr("LT") || kind == vr("ST") || kind == vr("UT")) return false;
  return c == '\\' || (kind == vr("PN") && (c == '^' || c == '='));
}

/// Whether converted text is of this set alone: a few share what they are converted from.
bool fits_in(const CodeElement& element, std::string_view converted) {
  const auto size = static_cast<std::size_t>(element.bytes) + element.lead.size();
  if (converted.size() % size != 0) return false;
  for (std::size_t at = 0; at < converted.size(); at += size)
    for (std::size_t i = 0; i < size; ++i) {
      const char c = converted[at + i];
      if (i < element.lead.size() ? c != element.lead[i] : static_cast<unsigned char>(c) < 0xA0)
        return false;
    }
  return true;
}

/// A stretch of text between two resets, in one extension.
std::string in_extension(const CodeElement& element, std::string_view converted) {
  std::string out(1, escape);
  out += element.escape;
  for (const char c : converted)
    if (element.lead.empty() || c != element.lead[0])
      out += static_cast<char>(element.is_g0 ? c & 0x7F : c);
  if (element.is_g0) out.append(1, escape).append(ascii.escape);
  return out;
}

}  // namespace

struct TextCodec::State {
  std::string_view whole;  // the set that it is all in; empty: code elements
  bool is_unknown = false;
  const CodeElement* first_g1 = nullptr;
  std::vector<const CodeElement*> extensions;
  std::map<std::string, Converter, std::less<>> readers, writers;

  Converter* converter(std::string_view charset, bool writes) {
    auto& made = writes ? writers : readers;
    auto found = made.find(charset);
    if (found == made.end()) {
      const auto* set = encoding::find_character_set(charset);
      if (!set) return nullptr;
      auto converter = writes ? Converter::make(encoding::utf8(), *set)
                              : Converter::make(*set, encoding::utf8());
      if (!converter) return nullptr;
      found = made.emplace(std::string(charset), std::move(*converter)).first;
    }
    return &found->second;
  }

  void read(std::string_view bytes, std::string_view charset, std::string& out) {
    auto* reader = converter(charset, false);
    if (!reader) {
      out += replacement;
      return;
    }
    reader->convert(bytes, out, [](std::string_view, std::string& to) { to += replacement; });
  }

  /// nullopt: something has no place there.
  std::optional<std::string> written(std::string_view utf8, std::string_view charset) {
    auto* writer = converter(charset, true);
    std::string out;
    if (!writer || !writer->convert(utf8, out, [](std::string_view, std::string&) {}).none())
      return std::nullopt;
    return out;
  }

  /// In the first of the extensions that has all of it.
  std::optional<std::string> extended(std::string_view utf8) {
    for (const auto* element : extensions) {
      if (element->is_g0 && element->bytes == 1) continue;
      const auto converted = written(utf8, element->charset);
      if (converted && fits_in(*element, *converted)) return in_extension(*element, *converted);
    }
    return std::nullopt;
  }
};

namespace {

/// Follows the escape sequences of one text.
class Decoding {
 public:
  using Read = std::function<void(std::string_view bytes, std::string_view charset)>;

  Decoding(const CodeElement* first_g1, Vr kind, Read read)
      : first_g1_(first_g1), kind_(kind), read_(std::move(read)) {
    reset();
  }

  void decode(std::string_view bytes) {
    while (!bytes.empty()) {
      if (bytes[0] == escape && designate(bytes)) continue;
      const bool is_high = static_cast<unsigned char>(bytes[0]) >= 0x80;
      const auto* element = is_high ? g1_ : g0_;
      if (!is_high && (element->bytes == 1 || static_cast<unsigned char>(bytes[0]) <= ' ')) {
        ascii_run(bytes);
        continue;
      }
      const auto size = std::min<std::size_t>(
          bytes.size(), element ? static_cast<std::size_t>(element->bytes) : 1);
      character(element, bytes.substr(0, size));
      bytes.remove_prefix(size);
    }
  }

 private:
  void reset() {
    g0_ = &ascii;
    g1_ = first_g1_;
  }

  bool designate(std::string_view& bytes) {
    for (const auto& element : code_elements) {
      if (!bytes.substr(1).starts_with(element.escape)) continue;
      (element.is_g0 ? g0_ : g1_) = &element;
      bytes.remove_prefix(1 + element.escape.size());
      return true;
    }
    return false;
  }

  void ascii_run(std::string_view& bytes) {
    std::size_t size = 0;
    do {
      const bool ends = is_reset(bytes[size++], kind_);
      if (!ends) continue;
      reset();
      break;
    } while (size < bytes.size() && static_cast<unsigned char>(bytes[size]) < 0x80 &&
             bytes[size] != escape && g0_->bytes == 1);
    read_(bytes.substr(0, size), "US-ASCII");
    bytes.remove_prefix(size);
  }

  void character(const CodeElement* element, std::string_view bytes) {
    if (!element) return read_(bytes, "US-ASCII");  // means nothing there
    std::string converted(element->lead);
    for (const char c : bytes) converted += static_cast<char>(c | '\x80');
    read_(converted, element->charset);
  }

  const CodeElement* first_g1_;
  Vr kind_;
  Read read_;
  const CodeElement* g0_ = nullptr;
  const CodeElement* g1_ = nullptr;
};

}  // namespace

TextCodec::TextCodec(std::string_view character_sets) : state_(std::make_unique<State>()) {
  bool is_first = true;
  while (is_first || !character_sets.empty()) {
    const auto end = std::min(character_sets.find('\\'), character_sets.size());
    const auto term = unpadded(character_sets.substr(0, end));
    character_sets.remove_prefix(std::min(end + 1, character_sets.size()));
    const auto* whole = std::find_if(std::begin(whole_sets), std::end(whole_sets),
                                     [&](const auto& set) { return set.name == term; });
    const auto* element = find_element(term.empty() ? ascii.name : number_of(term));
    if (whole != std::end(whole_sets))
      state_->whole = whole->charset;
    else if (!element)
      state_->is_unknown = true;
    else if (is_first && !element->is_g0)
      state_->first_g1 = element;
    // Romaji comes with katakana above it (ISO_IR 13).
    if (element) state_->extensions.push_back(element);
    is_first = false;
  }
}

TextCodec::~TextCodec() = default;
TextCodec::TextCodec(TextCodec&&) noexcept = default;
TextCodec& TextCodec::operator=(TextCodec&&) noexcept = default;

std::string TextCodec::decode(std::string_view bytes, Vr kind) {
  if (is_ascii(bytes) && bytes.find(escape) == bytes.npos) return std::string(bytes);
  std::string out;
  if (!has_character_set(kind)) {
    state_->read(bytes, "US-ASCII", out);
  } else if (!state_->whole.empty()) {
    state_->read(bytes, state_->whole, out);
  } else if (state_->is_unknown) {
    if (encoding::is_utf8(bytes)) return std::string(bytes);
    state_->read(bytes, "ISO-8859-1", out);
  } else {
    Decoding(state_->first_g1, kind, [&](std::string_view part, std::string_view charset) {
      state_->read(part, charset, out);
    }).decode(bytes);
  }
  return out;
}

namespace {

Error no_place(std::string_view detail) {
  return {ErrorKind::Invalid, "",
          std::string(detail) + " has no place in the data set's SpecificCharacterSet"};
}

}  // namespace

Result<std::string> TextCodec::encode(std::string_view utf8, Vr kind) {
  if (is_ascii(utf8)) return std::string(utf8);
  if (!has_character_set(kind)) return no_place("text that isn't ASCII");
  if (!state_->whole.empty()) {
    auto written = state_->written(utf8, state_->whole);
    if (!written) return no_place("a character");
    return *written;
  }
  const auto* first = state_->first_g1;
  if (first && first->bytes == 1 && first->lead.empty())
    if (auto written = state_->written(utf8, first->charset)) return *written;
  std::string out;
  while (!utf8.empty()) {
    std::size_t size = 0;
    const bool plain = static_cast<unsigned char>(utf8[0]) < 0x80;
    while (size < utf8.size() && (static_cast<unsigned char>(utf8[size]) < 0x80) == plain) ++size;
    const auto stretch = utf8.substr(0, size);
    utf8.remove_prefix(size);
    if (plain) {
      out += stretch;
      continue;
    }
    auto written = state_->extended(stretch);
    if (!written) return no_place("\"" + std::string(stretch) + "\"");
    out += *written;
  }
  return out;
}

}  // namespace causeway::dicom
