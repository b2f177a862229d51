#include "engine/formats/hl7v2/xml/xml_text.h"

#include <algorithm>

#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

constexpr std::size_t escape_length_max = 4096;

void escape_element(std::string_view sequence, std::string& out) {
  out += "<escape V=\"";
  xml_escape(sequence, out);
  out += "\"/>";
}

/// The delimiter that \F\, \S\ and so on stand for; 0: another sequence.
char delimiter_of(std::string_view sequence, const Delimiters& delimiters) {
  if (sequence == "F") return delimiters.field;
  if (sequence == "S") return delimiters.component;
  if (sequence == "T") return delimiters.subcomponent;
  if (sequence == "R") return delimiters.repetition;
  if (sequence == "E") return delimiters.escape;
  return 0;
}

/// What can stand in an attribute; whether it is a sequence at all, the model decides.
bool is_writable(std::string_view text) {
  return !text.empty() && text.size() <= escape_length_max &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  c == '.' || c == '+' || c == '-' || c == ' ';
         });
}

}  // namespace

void xml_escape(std::string_view text, std::string& out) {
  constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\t') {
      out += "&#9;";
    } else if (byte < 0x20) {
      const char hexadecimal[] = {'X', digits[byte >> 4], digits[byte & 15]};
      out.append("<escape V=\"").append(hexadecimal, 3).append("\"/>");
    } else {
      out += c;
    }
  }
}

void xml_value(std::string_view text, const Delimiters& delimiters, std::string& out) {
  while (!text.empty()) {
    const auto begin = delimiters.escape == no_delimiter ? text.npos : text.find(delimiters.escape);
    xml_escape(text.substr(0, begin), out);
    if (begin == text.npos) return;
    const auto end = text.find(delimiters.escape, begin + 1);
    const auto sequence =
        end == text.npos ? std::string_view() : text.substr(begin + 1, end - begin - 1);
    if (!is_writable(sequence) || !is_sequence(sequence, delimiters)) {
      xml_escape(text.substr(begin, 1), out);
      text.remove_prefix(begin + 1);
      continue;
    }
    if (const char delimiter = delimiter_of(sequence, delimiters))
      xml_escape(std::string_view(&delimiter, 1), out);
    else
      escape_element(sequence, out);
    text.remove_prefix(end + 1);
  }
}

std::string xml_name(std::string_view name, std::string_view otherwise) {
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  const bool good = !name.empty() && is_letter(name.front()) &&
                    std::all_of(name.begin(), name.end(),
                                [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
  return std::string(good ? name : otherwise);
}

bool is_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    const std::size_t more = c < 0x80                ? 0
                             : c >= 0xC2 && c < 0xE0 ? 1
                             : c >= 0xE0 && c < 0xF0 ? 2
                             : c >= 0xF0 && c < 0xF5 ? 3
                                                     : 4;
    if (more == 4 || i + more >= bytes.size() + (more == 0 ? 1 : 0)) return false;
    for (std::size_t k = 1; k <= more; ++k)
      if ((static_cast<unsigned char>(bytes[i + k]) & 0xC0) != 0x80) return false;
    const auto second = more > 0 ? static_cast<unsigned char>(bytes[i + 1]) : 0;
    if ((c == 0xE0 && second < 0xA0) || (c == 0xED && second > 0x9F) ||
        (c == 0xF0 && second < 0x90) || (c == 0xF4 && second > 0x8F))
      return false;
    i += more + 1;
  }
  return true;
}

}  // namespace causeway::hl7v2
