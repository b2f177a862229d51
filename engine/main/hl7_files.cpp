#include "engine/main/hl7_files.h"

#include <fstream>
#include <iostream>
#include <sstream>

namespace causeway {
namespace {

bool is_header(std::string_view line) {
  return line.size() > 8 && line.starts_with("MSH");
}

bool is_envelope(std::string_view line) {
  for (auto name : {"FHS", "BHS", "BTS", "FTS"})
    if (line.starts_with(name)) return true;
  return false;
}

}  // namespace

std::optional<std::string> read_hl7_file(const std::string& name) {
  std::ostringstream text;
  if (name == "-") {
    text << std::cin.rdbuf();
    return std::move(text).str();
  }
  std::ifstream file(name, std::ios::binary);
  if (!file.is_open()) return std::nullopt;
  if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (file.bad() || text.fail()) return std::nullopt;
  return std::move(text).str();
}

std::vector<std::string> messages_in(std::string_view text) {
  std::vector<std::string> messages;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of("\r\n"), text.size());
    const auto line = text.substr(0, end);
    if (messages.empty() || is_header(line)) messages.emplace_back();
    if (!is_envelope(line)) messages.back().append(line).push_back('\r');
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::erase_if(messages, [](const std::string& message) {
    return message.find_first_not_of(" \t\r") == std::string::npos;
  });
  return messages;
}

}  // namespace causeway
