// Answers of look-ups as JSON text. Pure.
#pragma once

#include <string>
#include <string_view>

namespace causeway::pipeline {

/// RFC 8259, no deeper than scripts may have it.
bool is_json(std::string_view text);

/// A string in quotes. Bytes that are not UTF-8 are taken as Latin-1.
std::string json_string(std::string_view text);

}  // namespace causeway::pipeline
