// The files of schemas/hl7v2, which the program carries. Internal to this folder. Thread-safe.
#pragma once

#include <string_view>
#include <vector>

namespace causeway::hl7v2 {

struct GrammarFile {
  std::string_view name;  ///< "2.5.1", "codes"
  std::string_view text;
};

const std::vector<GrammarFile>& grammar_files();

/// Empty: there is none of that name.
inline std::string_view grammar_file(std::string_view name) {
  for (const auto& file : grammar_files())
    if (file.name == name) return file.text;
  return {};
}

}  // namespace causeway::hl7v2
