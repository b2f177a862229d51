#include "engine/formats/dicom/values.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "engine/formats/dicom/dictionary.h"
#include "engine/formats/dicom/file.h"

namespace causeway::dicom {
namespace {

constexpr std::size_t decimal_string_bytes = 16;

struct TextKind {
  Vr kind;
  std::size_t characters_max;  ///< Of one value; 0: as many as there is room for.
  bool is_single = false;      ///< A backslash parts nothing.
};
/// PS3.5 table 6.2-1. PN: five components in three representations.
constexpr TextKind text_kinds[] = {
    {vr("AE"), 16},          {vr("AS"), 4},          {vr("CS"), 16}, {vr("DA"), 18},
    {vr("DS"), 16},          {vr("DT"), 54},         {vr("IS"), 12}, {vr("LO"), 64},
    {vr("LT"), 10240, true}, {vr("PN"), 3 * 64 + 2}, {vr("SH"), 16}, {vr("ST"), 1024, true},
    {vr("TM"), 28},          {vr("UC"), 0},          {vr("UI"), 64}, {vr("UR"), 0, true},
    {vr("UT"), 0, true}};

const TextKind* find_text_kind(Vr kind) {
  const auto* found = std::find_if(std::begin(text_kinds), std::end(text_kinds),
                                   [&](const auto& each) { return each.kind == kind; });
  return found == std::end(text_kinds) ? nullptr : found;
}

Error invalid(std::string text) {
  return {ErrorKind::Invalid, "", std::move(text)};
}

std::size_t characters_in(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

/// Blanks before a value have a meaning in texts of several lines.
std::string_view without_padding(std::string_view value, const TextKind& kind) {
  if (!kind.is_single) return unpadded(value);
  const auto end = value.find_last_not_of(std::string_view(" \0", 2));
  return end == value.npos ? std::string_view() : value.substr(0, end + 1);
}

std::uint64_t read_bits(const char* bytes, std::size_t size, Encoding encoding) {
  if (size == 2) return encoding.u16(bytes);
  if (size == 4) return encoding.u32(bytes);
  const std::uint64_t first = encoding.u32(bytes), second = encoding.u32(bytes + 4);
  return encoding.big_endian ? first << 32 | second : second << 32 | first;
}

void put_bits(std::string& out, std::uint64_t bits, std::size_t size, Encoding encoding) {
  if (size == 2) return encoding.put_u16(out, static_cast<std::uint32_t>(bits));
  const auto high = static_cast<std::uint32_t>(bits >> 32), low = static_cast<std::uint32_t>(bits);
  if (size == 4) return encoding.put_u32(out, low);
  encoding.put_u32(out, encoding.big_endian ? high : low);
  encoding.put_u32(out, encoding.big_endian ? low : high);
}

std::string tag_text(const char* bytes, Encoding encoding) {
  return digits_of(make_tag(encoding.u16(bytes), encoding.u16(bytes + 2)));
}

Value read_number(const char* bytes, Vr kind, Encoding encoding) {
  if (kind == vr("AT")) return tag_text(bytes, encoding);
  const auto bits = read_bits(bytes, number_bytes(kind), encoding);
  if (kind == vr("US") || kind == vr("UL")) return static_cast<double>(bits);
  if (kind == vr("SS")) return static_cast<double>(static_cast<std::int16_t>(bits));
  if (kind == vr("SL")) return static_cast<double>(static_cast<std::int32_t>(bits));
  if (kind == vr("FL"))
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  if (kind == vr("FD")) return std::bit_cast<double>(bits);
  if (kind == vr("UV")) return std::to_string(bits);
  return std::to_string(static_cast<std::int64_t>(bits));
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (text.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

template <class Whole>
std::optional<std::uint64_t> whole_bits(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    const auto number = parse_number<Whole>(*text);
    if (!number) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
  }
  const double number = std::get<double>(value);
  // Past 2^53 a double isn't the number that was meant.
  constexpr double exact = 9007199254740992.0;
  const double low = std::max(-exact, static_cast<double>(std::numeric_limits<Whole>::min()));
  const double high = std::min(exact, static_cast<double>(std::numeric_limits<Whole>::max()));
  if (!(number >= low && number <= high) || number != std::trunc(number)) return std::nullopt;
  return static_cast<std::uint64_t>(static_cast<Whole>(number));
}

std::optional<double> real_number(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return parse_number<double>(*text);
  return std::get<double>(value);
}

std::optional<std::uint64_t> number_bits(const Value& value, Vr kind, Encoding encoding) {
  if (kind == vr("US")) return whole_bits<std::uint16_t>(value);
  if (kind == vr("SS")) return whole_bits<std::int16_t>(value);
  if (kind == vr("UL")) return whole_bits<std::uint32_t>(value);
  if (kind == vr("SL")) return whole_bits<std::int32_t>(value);
  if (kind == vr("UV")) return whole_bits<std::uint64_t>(value);
  if (kind == vr("SV")) return whole_bits<std::int64_t>(value);
  if (kind == vr("AT")) {
    const auto* text = std::get_if<std::string>(&value);
    const auto tag = text ? read_tag_text(*text) : std::nullopt;
    if (!tag) return std::nullopt;
    // Two numbers of two bytes, whatever the order within each.
    return encoding.big_endian ? *tag : *tag >> 16 | std::uint64_t{*tag & 0xFFFF} << 16;
  }
  const auto real = real_number(value);
  if (!real) return std::nullopt;
  if (kind == vr("FL")) return std::bit_cast<std::uint32_t>(static_cast<float>(*real));
  return std::bit_cast<std::uint64_t>(*real);
}

/// The shortest that says the same; else as exact as there is room for.
std::string decimal_string(double number) {
  std::array<char, 40> buffer;
  auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  for (int digits = 15;
       end - buffer.data() > static_cast<std::ptrdiff_t>(decimal_string_bytes) && digits > 0;
       --digits)
    end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                        std::chars_format::general, digits)
              .ptr;
  return {buffer.data(), end};
}

Result<std::string> one_text(const Value& value, const TextKind& kind) {
  std::string text;
  if (const auto* number = std::get_if<double>(&value)) {
    if (!std::isfinite(*number)) return invalid("a number that is none");
    text = decimal_string(*number);
  } else {
    text = std::get<std::string>(value);
  }
  const auto parts = kind.is_single || kind.characters_max == 0
                         ? std::size_t{1}
                         : static_cast<std::size_t>(std::count(text.begin(), text.end(), '\\')) + 1;
  const bool breaks = std::any_of(text.begin(), text.end(), [&](char c) {
    return static_cast<unsigned char>(c) < ' ' && !(kind.is_single && c != '\x1b' && c != '\0');
  });
  if (breaks) return invalid("a control character in a value of " + to_string(kind.kind));
  if (kind.characters_max > 0 && characters_in(text) > parts * (kind.characters_max + 1) - 1)
    return Error{ErrorKind::Limit, "",
                 "a value of " + to_string(kind.kind) + " has at most " +
                     std::to_string(kind.characters_max) + " characters"};
  return text;
}

}  // namespace

bool has_values(Vr kind) {
  return is_text(kind) || number_bytes(kind) > 0;
}

std::vector<Value> decode_values(std::string_view bytes, Vr kind, Encoding encoding,
                                 TextCodec& codec) {
  std::vector<Value> values;
  if (const auto size = number_bytes(kind); size > 0) {
    for (; bytes.size() >= size; bytes.remove_prefix(size))
      values.push_back(read_number(bytes.data(), kind, encoding));
    return values;
  }
  const auto* text_kind = find_text_kind(kind);
  if (!text_kind || bytes.empty()) return values;
  const auto text = codec.decode(bytes, kind);
  std::string_view rest = text;
  for (;;) {
    const auto end = text_kind->is_single ? rest.size() : std::min(rest.find('\\'), rest.size());
    values.emplace_back(std::string(without_padding(rest.substr(0, end), *text_kind)));
    if (end == rest.size()) return values;
    rest.remove_prefix(end + 1);
  }
}

std::string padded(std::string bytes, Vr kind) {
  const bool blank = is_text(kind) && kind != vr("UI");
  if (bytes.size() % 2 != 0) bytes += blank ? ' ' : '\0';
  return bytes;
}

Result<std::string> encode_values(const std::vector<Value>& values, Vr kind, Encoding encoding,
                                  TextCodec& codec) {
  std::string out;
  if (const auto size = number_bytes(kind); size > 0) {
    for (const auto& value : values) {
      const auto bits = number_bits(value, kind, encoding);
      if (!bits) return invalid("a value that is none of " + to_string(kind));
      put_bits(out, *bits, size, encoding);
    }
    return out;
  }
  const auto* text_kind = find_text_kind(kind);
  if (!text_kind) return invalid("values of " + to_string(kind) + " are bytes, not text");
  if (text_kind->is_single && values.size() > 1)
    return invalid("there is one value of " + to_string(kind) + " at most");
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto one = one_text(values[i], *text_kind);
    if (!one) return one;
    text.append(i > 0 ? "\\" : "").append(*one);
  }
  auto encoded = codec.encode(text, kind);
  if (!encoded) return encoded;
  return padded(std::move(*encoded), kind);
}

std::string to_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return decimal_string(std::get<double>(value));
}

}  // namespace causeway::dicom
