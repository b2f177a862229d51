#include "engine/config/library.h"

#include <system_error>

#include "engine/config/revision_hash.h"
#include "engine/config/text_file.h"

namespace causeway::config {

namespace fs = std::filesystem;

namespace {

constexpr int depth_max = 16;
constexpr std::size_t name_max = 512;  ///< What is longer between quotes is no name.

bool is_library_file(const fs::path& path) {
  return (path.extension() == ".js" || path.extension() == ".csv") &&
         !path.filename().string().starts_with('.');
}

/// Calls `found` with all that stands between a quote and the next of its kind on a line. Which of
/// them are strings to JavaScript doesn't matter: a name too many costs a copy.
template <class Found>
void each_quoted(std::string_view text, Found found) {
  for (std::size_t at = 0; (at = text.find_first_of("\"'`", at)) != std::string_view::npos; ++at) {
    const char ends[] = {text[at], '\n'};
    const auto end = text.find_first_of(std::string_view(ends, 2), at + 1);
    if (end == std::string_view::npos || text[end] == '\n' || end - at - 1 > name_max) continue;
    found(text.substr(at + 1, end - at - 1));
  }
}

/// Follows names from file to file.
class UsedFiles {
 public:
  UsedFiles(const LibraryFiles& library, std::map<std::string, std::string>& files)
      : library_(library), files_(files) {}

  void follow() {
    std::vector<std::string> scripts;
    for (const auto& [name, text] : files_) scripts.push_back(text);
    for (const auto& text : scripts) look_through("", text);
    while (!pending_.empty()) {
      const auto name = std::move(pending_.back());
      pending_.pop_back();
      look_through(name, library_.find(name)->second);
    }
  }

 private:
  void look_through(const std::string& file, std::string_view text) {
    each_quoted(text, [&](std::string_view quoted) {
      std::string name(quoted);
      if (!file.empty() && name.starts_with('.'))
        name = (fs::path(file).parent_path() / name).lexically_normal().generic_string();
      add(name);
      add(name + ".csv");
    });
  }

  void add(const std::string& name) {
    const auto found = library_.find(name);
    if (found == library_.end()) return;
    if (!files_.emplace(std::string(library_prefix) + name, found->second).second) return;
    if (name.ends_with(".js")) pending_.push_back(name);
  }

  const LibraryFiles& library_;
  std::map<std::string, std::string>& files_;
  std::vector<std::string> pending_;
};

}  // namespace

LibraryFiles read_library(const fs::path& folder, Problems& problems) {
  LibraryFiles files;
  problems.file = folder.string();
  std::error_code failed;
  std::size_t bytes = 0;
  if (!fs::is_directory(folder, failed)) return files;
  fs::recursive_directory_iterator entry(folder, failed), end;
  for (; !failed && entry != end; entry.increment(failed)) {
    std::error_code ignored;
    if (entry->is_directory(ignored)) {
      if (entry.depth() >= depth_max) entry.disable_recursion_pending();
      continue;
    }
    if (!is_library_file(entry->path())) continue;
    auto text = read_text_file(entry->path(), script_bytes_max);
    if (!text) {
      problems.file = entry->path().string();
      problems.add_file(text.error().text);
      continue;
    }
    bytes += text->size();
    files.emplace(entry->path().lexically_relative(folder).generic_string(), std::move(*text));
    if (files.size() <= library_files_max && bytes <= library_bytes_max) continue;
    problems.add_file("more than " + std::to_string(library_files_max) + " files, or " +
                      std::to_string(library_bytes_max) + " bytes of them");
    break;
  }
  if (failed) problems.add_file(failed.message());
  return files;
}

void add_used(const LibraryFiles& library, ChannelConfig& channel) {
  const auto before = channel.scripts.size();
  UsedFiles(library, channel.scripts).follow();
  if (channel.scripts.size() == before) return;
  if (const auto root = parse_json(channel.text, "channel.json"))
    channel.revision_hash = revision_hash(*root, channel.scripts);
}

}  // namespace causeway::config
