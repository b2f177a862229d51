// load_channel and load_channels: what is read from the file system.
#include <system_error>

#include "engine/config/channel_config.h"
#include "engine/config/text_file.h"

namespace causeway::config {

namespace fs = std::filesystem;

namespace {

constexpr const char* declaration_file = "channel.json";
constexpr std::size_t entries_max = 100'000;  ///< Of a tree that is walked.

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

bool is_folder_name(std::string_view name) {
  return is_reference_name(name) && !name.starts_with('.');
}

bool is_within(const fs::path& path, const fs::path& folder) {
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

/// Where the file really is, if that is still inside the folder (which is canonical).
std::optional<fs::path> resolve_inside(const fs::path& file, const fs::path& folder) {
  std::error_code failed;
  const auto real = fs::canonical(file, failed);
  if (failed || !is_within(real, folder)) return std::nullopt;
  return real;
}

std::optional<std::string> read_inside(const fs::path& file, const fs::path& folder,
                                       std::size_t bytes_max, Problems& problems) {
  problems.file = file.string();
  const auto real = resolve_inside(file, folder);
  if (!real) {
    problems.add_file("it can't be read, or is a link that leads out of the channel's folder");
    return std::nullopt;
  }
  auto text = read_text_file(*real, bytes_max);
  if (text) return std::move(*text);
  problems.add_file(text.error().text);
  return std::nullopt;
}

/// Reads all scripts and code tables of a channel's folder (which is canonical).
class ScriptReader {
 public:
  ScriptReader(const fs::path& folder, Problems& problems) : folder_(folder), problems_(problems) {}

  std::map<std::string, std::string> read() {
    std::error_code failed;
    std::size_t entries = 0;
    fs::recursive_directory_iterator entry(folder_, failed), end;
    for (; !failed && entry != end; entry.increment(failed)) {
      if (++entries > entries_max) return report("too many files");
      std::error_code ignored;
      if (entry->is_directory(ignored)) {
        if (is_left_out(*entry, entry.depth())) entry.disable_recursion_pending();
      } else if (is_part(entry->path())) {
        if (!add(entry->path())) break;
      }
    }
    if (failed) return report(failed.message());
    return std::move(scripts_);
  }

 private:
  static bool is_left_out(const fs::path& folder, int depth) {
    const bool tests = depth == 0 && folder.filename() == "tests";
    return tests || is_hidden(folder) || depth >= channel_folder_depth_max;
  }

  /// Scripts anywhere; code tables in the folder that is theirs.
  bool is_part(const fs::path& path) const {
    const bool table = path.extension() == ".csv" &&
                       path.lexically_relative(folder_).begin()->string() == "tables";
    const bool profile = path.extension() == ".xml";
    return (table || profile || path.extension() == ".js") && !is_hidden(path);
  }

  /// False: there are too many, which has been reported.
  bool add(const fs::path& path) {
    auto text = read_inside(path, folder_, script_bytes_max, problems_);
    if (!text) return true;
    bytes_ += text->size();
    scripts_.emplace(path.lexically_relative(folder_).generic_string(), std::move(*text));
    if (scripts_.size() <= scripts_max && bytes_ <= scripts_bytes_max) return true;
    report("more than " + std::to_string(scripts_max) + " scripts, or " +
           std::to_string(scripts_bytes_max) + " bytes of them");
    return false;
  }

  std::map<std::string, std::string> report(std::string text) {
    problems_.file = folder_.string();
    problems_.add_file(std::move(text));
    return {};
  }

  const fs::path& folder_;
  Problems& problems_;
  std::map<std::string, std::string> scripts_;
  std::size_t bytes_ = 0;
};

/// The paths of all folders with a channel.json, sorted. A channel's own folder has no channels.
class ChannelFinder {
 public:
  ChannelFinder(const fs::path& root, Problems& problems) : root_(root), problems_(problems) {}

  std::vector<std::string> find() {
    walk(root_, "", 0);
    std::sort(paths_.begin(), paths_.end());
    return std::move(paths_);
  }

 private:
  void walk(const fs::path& folder, const std::string& path, int depth) {
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
      std::error_code ignored;
      if (is_hidden(entry->path()) || !entry->is_directory(ignored)) continue;
      if (++entries_ > entries_max) return report(root_, "too many folders");
      visit(entry->path(), path, depth + 1);
    }
    if (failed) report(folder, failed.message());
  }

  void visit(const fs::path& folder, const std::string& parent, int depth) {
    std::error_code ignored;
    const bool is_channel = fs::exists(folder / declaration_file, ignored);
    // Links to folders could lead round in circles; a channel may be one.
    if (!is_channel && fs::is_symlink(folder, ignored)) return;
    if (!is_channel && depth == channel_folder_depth_max) return;
    const auto name = folder.filename().string();
    const auto path = parent.empty() ? name : parent + "/" + name;
    if (!is_channel) return walk(folder, path, depth);
    if (!is_channel_path(path))
      return report(folder, "a channel's path may have letters, digits, _, - and . between /");
    if (paths_.size() == channels_max)
      return report(root_, "more than " + std::to_string(channels_max) + " channels");
    paths_.push_back(path);
  }

  void report(const fs::path& file, std::string text) {
    problems_.file = file.string();
    problems_.add_file(std::move(text));
  }

  fs::path root_;
  Problems& problems_;
  std::vector<std::string> paths_;
  std::size_t entries_ = 0;
};

ChannelConfig read_folder(const fs::path& given, const std::string& path,
                          const ConnectorFields& connectors, const EnvironmentValues* environment,
                          Problems& problems, const PathCheck& check_path) {
  std::error_code failed;
  const auto folder = fs::canonical(given, failed);
  if (!is_channel_path(path) || failed) {
    problems.add_file(failed ? failed.message() : "this is no channel's path");
    return {};
  }
  auto scripts = ScriptReader(folder, problems).read();
  const auto text = read_inside(given / declaration_file, folder, json_bytes_max, problems);
  if (!text) return {};
  return read_channel(path, *text, std::move(scripts), connectors, environment, problems,
                      check_path);
}

}  // namespace

bool is_channel_path(std::string_view path) {
  int depth = 0;
  for (std::size_t begin = 0; begin <= path.size(); ++depth) {
    const auto end = std::min(path.find('/', begin), path.size());
    if (!is_folder_name(path.substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return depth <= channel_folder_depth_max;
}

std::vector<std::string> find_channels(const fs::path& root, Problems& problems) {
  return ChannelFinder(root, problems).find();
}

ChannelConfig read_channel_folder(const fs::path& root, const std::string& path,
                                  const ConnectorFields& connectors,
                                  const EnvironmentValues* environment, Problems& problems,
                                  const PathCheck& check_path) {
  Problems own{(root / path).string(), {}};
  auto channel = read_folder(root / path, path, connectors, environment, own, check_path);
  channel.path = path;
  problems.append(own);
  return channel;
}

bool check_hops(const ChannelConfig& channel, const std::vector<std::string>& paths,
                const fs::path& root, Problems& problems) {
  bool good = true;
  problems.file = (root / channel.path / declaration_file).string();
  for (const auto& destination : channel.destinations) {
    if (destination.type != "channel" ||
        std::binary_search(paths.begin(), paths.end(), destination.channel))
      continue;
    good = false;
    const auto* at = destination.declaration.find("channel");
    problems.add(at ? *at : destination.declaration,
                 pointer_to(pointer_to("/destinations", destination.name), "channel"),
                 "there is no channel " + in_quotes(destination.channel) +
                     did_you_mean(destination.channel, paths));
  }
  return good;
}

std::optional<ChannelConfig> load_channel(const fs::path& root, const std::string& path,
                                          const ConnectorFields& connectors,
                                          const EnvironmentValues* environment, Problems& problems,
                                          const PathCheck& check_path) {
  Problems own{(root / path).string(), {}};
  auto channel = read_folder(root / path, path, connectors, environment, own, check_path);
  problems.append(own);
  if (!own.empty()) return std::nullopt;
  return channel;
}

std::vector<ChannelConfig> load_channels(const fs::path& root, const ConnectorFields& connectors,
                                         const EnvironmentValues* environment, Problems& problems,
                                         const PathCheck& check_path) {
  const auto paths = find_channels(root, problems);
  std::vector<ChannelConfig> channels;
  for (const auto& path : paths)
    if (auto channel = load_channel(root, path, connectors, environment, problems, check_path))
      channels.push_back(std::move(*channel));
  std::erase_if(channels, [&](const ChannelConfig& channel) {
    return !check_hops(channel, paths, root, problems);
  });
  return channels;
}

}  // namespace causeway::config
