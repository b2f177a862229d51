#include "tests/conformance/hl7v2/corpus.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

namespace causeway::hl7v2::conformance {
namespace fs = std::filesystem;

fs::path corpus_folder() {
  const char* given = std::getenv("CORPUS");
  const fs::path folder = given ? given : "../shared/corpus";
  return fs::is_directory(folder / "hl7v2") ? folder : fs::path();
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

std::vector<std::string> corpus_messages() {
  std::set<std::string> messages;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(corpus_folder() / "hl7v2"))
    if (entry.is_regular_file()) paths.push_back(entry.path());
  for (const auto& path : paths) {
    const auto file = read_file(path);
    std::size_t begin = std::string::npos;
    for (auto at = file.find("MSH");; at = file.find("MSH", at + 1)) {
      const bool end = at == std::string::npos;
      if (!end && at > 0 && std::string_view("\r\n\v").find(file[at - 1]) == std::string_view::npos)
        continue;
      if (begin != std::string::npos)
        messages.insert(file.substr(begin, end ? std::string::npos : at - begin));
      if (end) break;
      begin = at;
    }
  }
  return {messages.begin(), messages.end()};
}

}  // namespace causeway::hl7v2::conformance
