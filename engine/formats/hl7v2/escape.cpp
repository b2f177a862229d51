// Escape sequences: HL7 v2.x chapter 2.7.
#include "engine/formats/hl7v2/guard.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// The bytes of "X0D0A"; nullopt if it isn't that.
std::optional<std::string> decode_hex(std::string_view sequence) {
  if (sequence.size() < 3 || sequence.size() % 2 == 0 || sequence[0] != 'X') return std::nullopt;
  std::string bytes;
  for (std::size_t i = 1; i < sequence.size(); i += 2) {
    int high = hex_digit(sequence[i]), low = hex_digit(sequence[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::optional<std::string> decode(std::string_view sequence, const Delimiters& delimiters) {
  auto one = [](char c) {
    return c == no_delimiter ? std::nullopt : std::optional(std::string(1, c));
  };
  if (sequence == "F") return one(delimiters.field);
  if (sequence == "S") return one(delimiters.component);
  if (sequence == "R") return one(delimiters.repetition);
  if (sequence == "T") return one(delimiters.subcomponent);
  if (sequence == "E") return one(delimiters.escape);
  if (sequence == "P") return one(delimiters.truncation);
  if (sequence == ".br") return "\n";
  return decode_hex(sequence);
}

/// What is left of a sequence that says how to print: chapter 2.7.2, 2.7.6.
std::optional<std::string> decode_plainly(std::string_view sequence, const Delimiters& delimiters) {
  if (auto plain = decode(sequence, delimiters)) return plain;
  if (sequence == "H" || sequence == "N") return std::string();
  if (sequence.starts_with(".sp") || sequence.starts_with(".ce")) return "\n";
  for (auto layout : {".in", ".ti", ".sk", ".fi", ".nf"})
    if (sequence.starts_with(layout)) return sequence.starts_with(".sk") ? " " : std::string();
  return std::nullopt;
}

/// The letters that a sequence to be written has for this character; empty: none.
std::string_view sequence_of(char c, const Delimiters& delimiters, bool dot_delimits) {
  if (c == '\n') return dot_delimits ? "X0A" : ".br";
  if (c == '\r') return "X0D";
  if (c == no_delimiter) return {};
  if (c == delimiters.escape) return "E";
  if (c == delimiters.field) return "F";
  if (c == delimiters.component) return "S";
  if (c == delimiters.repetition) return "R";
  if (c == delimiters.subcomponent) return "T";
  if (c == delimiters.truncation) return "P";
  return {};
}

template <class Decode>
std::string replace_sequences(std::string_view value, std::string_view scanned, char mark,
                              const Decode& decode_one) {
  auto at = mark == no_delimiter ? std::string_view::npos : scanned.find(mark);
  if (at == std::string_view::npos) return std::string(value);
  std::string text;
  text.reserve(value.size());
  std::size_t done = 0;
  while (at != std::string_view::npos) {
    auto end = scanned.find(mark, at + 1);
    if (end == std::string_view::npos) break;
    auto sequence = value.substr(at + 1, end - at - 1);
    if (auto plain = decode_one(sequence)) {
      text += value.substr(done, at - done);
      text += *plain;
      done = end + 1;
      at = scanned.find(mark, done);
    } else {
      // A lone escape character, as in a Windows path, must not swallow the start of a real
      // sequence; a sequence that is only not ours to decode is passed over whole.
      at = has_meaning(sequence) ? scanned.find(mark, end + 1) : end;
    }
  }
  text += value.substr(done);
  return text;
}

}  // namespace

bool has_meaning(std::string_view sequence) {
  if (sequence == "H" || sequence == "N" || sequence == "P") return true;
  if (sequence.empty()) return false;
  return sequence[0] == '.' || sequence[0] == 'C' || sequence[0] == 'M' || sequence[0] == 'Z' ||
         sequence[0] == 'X';
}

bool is_sequence(std::string_view sequence, const Delimiters& delimiters) {
  return has_meaning(sequence) || decode(sequence, delimiters).has_value();
}

void append_hex_sequence(std::string_view bytes, char escape, std::string& out) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  out += escape;
  out += 'X';
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  out += escape;
}

std::string escape(std::string_view value, std::string_view scanned, const Delimiters& delimiters) {
  const char all[] = {delimiters.field, delimiters.component, delimiters.repetition,
                      delimiters.subcomponent, delimiters.escape};
  const bool dot_delimits = std::string_view(all, std::size(all)).find('.') != std::string::npos;
  std::string text;
  text.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto sequence = sequence_of(scanned[i], delimiters, dot_delimits);
    if (sequence.empty()) {
      text += value[i];
    } else if (delimiters.escape == no_delimiter) {
      text += ' ';
    } else {
      text += delimiters.escape;
      text += sequence;
      text += delimiters.escape;
    }
  }
  return text;
}

std::string escape(std::string_view value, const Delimiters& delimiters) {
  return escape(value, value, delimiters);
}

std::string unescape(std::string_view value, std::string_view scanned,
                     const Delimiters& delimiters) {
  return replace_sequences(value, scanned, delimiters.escape,
                           [&](std::string_view sequence) { return decode(sequence, delimiters); });
}

std::string unescape(std::string_view value, const Delimiters& delimiters) {
  return unescape(value, value, delimiters);
}

std::string plain_text(std::string_view value, const Delimiters& delimiters) {
  return replace_sequences(value, value, delimiters.escape, [&](std::string_view sequence) {
    return decode_plainly(sequence, delimiters);
  });
}

}  // namespace causeway::hl7v2
