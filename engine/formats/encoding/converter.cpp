// Through UTF-8, by the C library's iconv: no further dependency, all sets of table 0211, and two
// calls for a text however long. What is wrong in a text ends a call, and is dealt with here.
#include "engine/formats/encoding/converter.h"

#include <iconv.h>

#include <array>
#include <cerrno>

#include "engine/formats/encoding/iso_2022_jp.h"

namespace causeway::encoding {
namespace {

constexpr std::size_t buffer_bytes = 4096;

/// One descriptor of the C library.
class Iconv {
 public:
  Iconv() = default;
  Iconv(std::string_view from, std::string_view to)
      : descriptor_(::iconv_open(std::string(to).c_str(), std::string(from).c_str())) {}
  ~Iconv() {
    if (is_open()) ::iconv_close(descriptor_);
  }
  Iconv(Iconv&& other) noexcept : descriptor_(std::exchange(other.descriptor_, closed())) {}
  Iconv& operator=(Iconv&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

  bool is_open() const { return descriptor_ != closed(); }

  /// Appends what can be converted; stops at what can't, which `bytes` then begins with.
  void convert(std::string_view& bytes, std::string& out) {
    // iconv's input isn't const, but it writes nothing there.
    char* in = const_cast<char*>(bytes.data());
    std::size_t left = bytes.size();
    while (left > 0 && step(&in, &left, out)) {
    }
    bytes.remove_prefix(bytes.size() - left);
    flush(out);
  }

 private:
  static iconv_t closed() { return reinterpret_cast<iconv_t>(-1); }

  /// False: it can't go on.
  bool step(char** in, std::size_t* left, std::string& out) {
    std::array<char, buffer_bytes> buffer;
    char* to = buffer.data();
    std::size_t room = buffer.size();
    const auto done = ::iconv(descriptor_, in, left, &to, &room);
    const bool goes_on = done != static_cast<std::size_t>(-1) || errno == E2BIG;
    out.append(buffer.data(), buffer.size() - room);
    return goes_on && room < buffer.size();
  }

  /// Some sets hold a letter back in case an accent follows; this also begins anew.
  void flush(std::string& out) { step(nullptr, nullptr, out); }

  iconv_t descriptor_ = closed();
};

bool needs_iconv(const CharacterSet& set) {
  return set.shape != Shape::Ascii && set.shape != Shape::Utf8;
}

/// The C library's, with the order of bytes named: by their mark, or by their zeros.
std::string_view wide_name(const CharacterSet& declared, std::string_view& bytes) {
  using namespace std::string_view_literals;
  const bool four = declared.name.starts_with("UTF-32");
  const auto little_mark = four ? "\xFF\xFE\0\0"sv : "\xFF\xFE"sv;
  const auto big_mark = four ? "\0\0\xFE\xFF"sv : "\xFE\xFF"sv;
  bool little = declared.name.ends_with("LE") ||
                (!declared.name.ends_with("BE") && bytes.size() > 1 && bytes[0] && !bytes[1]);
  if (bytes.starts_with(little_mark) || bytes.starts_with(big_mark)) {
    little = bytes.starts_with(little_mark);
    bytes.remove_prefix(little_mark.size());
  }
  if (four) return little ? "UTF-32LE" : "UTF-32BE";
  return little ? "UTF-16LE" : "UTF-16BE";
}

/// Where the next character of UTF-8 text is that would be read as another: an ESC, which switches
/// sets, and U+0080 to U+009F, which the C library writes as bytes that ISO-2022-JP has no place
/// for.
std::size_t misread_in_iso_2022_jp(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool control =
        text[i] == '\xC2' && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) <= 0x9F;
    if (text[i] == '\x1B' || control) return i;
  }
  return text.npos;
}

}  // namespace

struct Converter::Ends {
  const CharacterSet* from;
  const CharacterSet* to;
  Iconv decoder, encoder;
  const StandIn* stand_in = nullptr;
  Losses losses;

  void undecodable(std::string_view bytes, std::string& out) {
    losses.undecodable += bytes.size();
    (*stand_in)(bytes, out);
  }

  void unmappable(std::string_view character, std::string& out) {
    ++losses.unmappable;
    (*stand_in)(character, out);
  }

  void decode(std::string_view bytes, std::string& out) {
    if (from->is_superset_of_ascii()) {
      const auto plain = ascii_prefix(bytes);
      out.append(bytes.substr(0, plain));
      bytes.remove_prefix(plain);
    }
    if (bytes.empty()) return;
    switch (from->shape) {
      case Shape::Ascii:
      case Shape::Utf8:
        return decode_utf8(bytes, out);
      case Shape::Iso2022Jp:
        return decode_iso_2022_jp(bytes, out);
      case Shape::Wide:
        decoder = Iconv(wide_name(*from, bytes), "UTF-8");
        return decode_by_iconv(bytes, from->name.starts_with("UTF-32") ? 4 : 2, out);
      default:
        return decode_by_iconv(bytes, 1, out);
    }
  }

  void decode_utf8(std::string_view bytes, std::string& out) {
    while (!bytes.empty()) {
      const auto good = from->shape == Shape::Utf8 ? utf8_length(bytes) : ascii_prefix(bytes);
      if (good == 0) {
        undecodable(bytes.substr(0, 1), out);
        bytes.remove_prefix(1);
        continue;
      }
      const auto run = std::max(good, ascii_prefix(bytes));
      out.append(bytes.substr(0, run));
      bytes.remove_prefix(run);
    }
  }

  void decode_by_iconv(std::string_view bytes, std::size_t unit, std::string& out) {
    while (!bytes.empty()) {
      decoder.convert(bytes, out);
      const auto bad = bytes.substr(0, unit);
      if (!bad.empty()) undecodable(bad, out);
      bytes.remove_prefix(bad.size());
    }
  }

  void decode_iso_2022_jp(std::string_view bytes, std::string& out) {
    using Kind = Iso2022JpReader::Kind;
    Iso2022JpReader reader(bytes);
    std::string euc;
    for (auto kind = reader.next(); kind != Kind::End; kind = reader.next()) {
      if (kind == Kind::Escape) continue;
      if (kind == Kind::Ascii) euc += reader.taken();
      if (kind == Kind::Euc) euc += reader.euc();
      if (kind != Kind::Unknown) continue;
      decode_euc(euc, out);
      euc.clear();
      undecodable(reader.taken(), out);
    }
    decode_euc(euc, out);
  }

  /// What has no character is kept in this form, which says of which set it is; counted are the
  /// bytes that came, without the one that names the set.
  void decode_euc(std::string_view euc, std::string& out) {
    while (!euc.empty()) {
      decoder.convert(euc, out);
      if (euc.empty()) return;
      const bool names_set = euc[0] == '\x8E' || euc[0] == '\x8F';
      const auto bad = euc.substr(0, euc[0] == '\x8F' ? 3 : 2);
      losses.undecodable += bad.size() - (names_set ? 1 : 0);
      (*stand_in)(bad, out);
      euc.remove_prefix(bad.size());
    }
  }

  void encode(std::string_view text, std::string& out) {
    if (to->shape == Shape::Utf8) {
      out.append(text);
      return;
    }
    if (to->shape != Shape::Iso2022Jp) return encode_by_set(text, out);
    std::string euc;
    for (auto at = misread_in_iso_2022_jp(text); at != text.npos;
         at = misread_in_iso_2022_jp(text)) {
      const auto character = text.substr(at, utf8_length(text.substr(at)));
      encode_by_set(text.substr(0, at), euc);
      unmappable(character, euc);
      text.remove_prefix(at + character.size());
    }
    encode_by_set(text, euc);
    append_iso_2022_jp(euc, out);
  }

  void encode_by_set(std::string_view text, std::string& out) {
    while (!text.empty()) {
      if (to->shape != Shape::Wide) {
        const auto plain = ascii_prefix(text);
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
      }
      if (to->shape != Shape::Ascii) encoder.convert(text, out);
      const auto bad = text.substr(0, std::max<std::size_t>(utf8_length(text), 1));
      if (!bad.empty()) unmappable(bad, out);
      text.remove_prefix(bad.size());
    }
  }
};

Converter::Converter(std::unique_ptr<Ends> ends) : ends_(std::move(ends)) {}
Converter::~Converter() = default;
Converter::Converter(Converter&&) noexcept = default;
Converter& Converter::operator=(Converter&&) noexcept = default;

Result<Converter> Converter::make(const CharacterSet& from, const CharacterSet& to) {
  auto ends = std::make_unique<Ends>();
  ends->from = &from;
  ends->to = &to;
  if (needs_iconv(from)) ends->decoder = Iconv(from.iconv_name, "UTF-8");
  if (needs_iconv(to)) ends->encoder = Iconv("UTF-8", to.iconv_name);
  const bool lacks_from = needs_iconv(from) && !ends->decoder.is_open();
  if (lacks_from || (needs_iconv(to) && !ends->encoder.is_open()))
    return Error{ErrorKind::Invalid, std::string(lacks_from ? from.name : to.name),
                 "the system's C library has no tables for this character set"};
  return Converter(std::move(ends));
}

Losses Converter::convert(std::string_view bytes, std::string& out, const StandIn& stand_in) {
  ends_->stand_in = &stand_in;
  ends_->losses = {};
  if (ends_->to->shape == Shape::Utf8) {
    ends_->decode(bytes, out);
  } else {
    std::string text;
    text.reserve(bytes.size() + bytes.size() / 4);
    ends_->decode(bytes, text);
    ends_->encode(text, out);
  }
  return ends_->losses;
}

}  // namespace causeway::encoding
