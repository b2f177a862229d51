#include "connectors/http/head.h"

#include <algorithm>

namespace causeway::connectors::http {

const std::string* Head::header(std::string_view name) const {
  for (const auto& header : headers)
    if (header.name == name) return &header.value;
  return nullptr;
}

std::string_view Head::header_or_empty(std::string_view name) const {
  const auto* value = header(name);
  return value ? std::string_view(*value) : std::string_view();
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (auto& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool is_token(std::string_view text) {
  static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != marks.npos;
  });
}

bool is_header_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  });
}

bool list_has(std::string_view list, std::string_view item) {
  while (!list.empty()) {
    const auto one = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), one.size() + 1));
    if (lower_case(trimmed(one.substr(0, one.find(';')))) == item) return true;
  }
  return false;
}

}  // namespace causeway::connectors::http
