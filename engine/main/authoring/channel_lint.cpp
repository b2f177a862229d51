#include "engine/main/authoring/channel_lint.h"

#include <charconv>
#include <system_error>

#include "engine/config/library.h"
#include "engine/config/lint.h"
#include "engine/config/text_file.h"
#include "engine/main/authoring/channel_selection.h"
#include "engine/main/channel_files.h"
#include "engine/observe/alerts/rules.h"
#include "engine/pipeline/response_script.h"

namespace causeway {

namespace fs = std::filesystem;

namespace {

/// "transform.js:3:7" or "tables/sex.csv:3" in parts.
struct ScriptPlace {
  std::string file;
  config::Place place;
};

ScriptPlace script_place(std::string_view text) {
  ScriptPlace found;
  int* const numbers[] = {&found.place.column, &found.place.line};
  for (int* number : numbers) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) break;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + colon + 1, end, *number);
    if (read.ec != std::errc() || read.ptr != end) break;
    text = text.substr(0, colon);
  }
  if (found.place.line == 0 && found.place.column > 0) found.place = {found.place.column, 1};
  found.file = text;
  return found;
}

class ChannelLint {
 public:
  ChannelLint(const fs::path& folder, const LintOptions& options)
      : options_(options),
        selection_(select_channels(folder, lint_.problems)),
        library_(config::read_library(mappings_folder(options.mappings, folder), lint_.problems)) {}

  Lint lint() {
    auto& problems = lint_.problems;
    const auto& paths = selection_.paths;
    lint_.channels = paths.size();
    for (const auto& path : paths) lint_channel(path, paths);
    config::Problems together;
    config::lint_together(channels_, selection_.root, together);
    problems.append(together);
    if (options_.environment) lint_environment();
    lint_alerts();
    sort();
    return std::move(lint_);
  }

 private:
  void lint_channel(const std::string& path, const std::vector<std::string>& paths) {
    config::Problems own;
    auto channel = config::read_channel_folder(selection_.root, path, connector_fields(),
                                               options_.environment, own, check_message_path);
    const auto folder = selection_.root / path;
    if (!selection_.alone) config::check_hops(channel, paths, selection_.root, own);
    config::lint_declaration(channel, folder, own);
    config::add_used(library_, channel);
    config::lint_scripts(channel, folder, own);
    compile(channel, folder, own);
    config::lint_files(channel, folder, own);
    if (own.errors() == 0) ++lint_.good;
    lint_.problems.append(own);
    channels_.push_back(std::move(channel));
  }

  /// Each stage by itself, so that one's error doesn't hide another's.
  void compile(const config::ChannelConfig& channel, const fs::path& folder,
               config::Problems& problems) {
    auto whole = pipeline::pipeline_settings(channel);
    whole.lookups.asks = false;
    for (const auto& stage : whole.stages) {
      if (stage.type.empty() || !whole.scripts.contains(stage.script.file))
        continue;  // reported when it was read
      auto settings = whole;
      settings.stages = {stage};
      const auto made = pipeline::make_pipeline(std::move(settings));
      if (!made) report(made.error(), folder, problems);
    }
    for (const auto& response : whole.responses) {
      if (!whole.scripts.contains(response.second)) continue;
      auto settings = whole;
      settings.responses = {response};
      const auto made = pipeline::make_responses(settings);
      if (!made) report(made.error(), folder, problems);
    }
  }

  static void report(const Error& error, const fs::path& folder, config::Problems& problems) {
    auto [file, place] = script_place(error.place);
    // Of a file that isn't there, lint_scripts has told who imports it.
    if (place.line == 0 && error.text.find("there is no file \"./") != std::string::npos) return;
    const bool library = file.starts_with(config::library_prefix);
    problems.file = library ? file : (folder / file).string();
    const auto same = [&](const config::Problem& other) {
      return other.file == problems.file && other.place.line == place.line &&
             other.place.column == place.column && other.text == error.text;
    };
    if (std::none_of(problems.list.begin(), problems.list.end(), same))
      problems.add(config::Value(std::monostate{}, place), "", error.text);
  }

  void lint_alerts() {
    const auto file = selection_.root / observe::rules_file_name;
    std::error_code ignored;
    if (selection_.alone || !fs::exists(file, ignored)) return;
    config::Problems own{file.string(), {}};
    auto text = config::read_text_file(file, config::json_bytes_max);
    if (!text) own.add_file(text.error().text);
    if (auto value = text ? config::parse_json(*text, own) : std::nullopt)
      observe::read_rules(*value, own, options_.environment);
    lint_.problems.append(own);
  }

  void lint_environment() {
    config::Problems own{options_.environment_name, {}};
    config::lint_environment(*options_.environment, channels_, own);
    lint_.problems.append(own);
  }

  void sort() {
    auto& list = lint_.problems.list;
    std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
      return std::tie(a.file, a.place.line, a.place.column) <
             std::tie(b.file, b.place.line, b.place.column);
    });
  }

  const LintOptions& options_;
  Lint lint_;
  ChannelSelection selection_;
  const config::LibraryFiles library_;
  std::vector<config::ChannelConfig> channels_;
};

}  // namespace

Lint lint_channels(const fs::path& folder, const LintOptions& options) {
  return ChannelLint(folder, options).lint();
}

fs::path environment_file(const fs::path& channels, const std::string& name) {
  if (name.ends_with(".json") || name.find('/') != std::string::npos) return name;
  std::error_code ignored;
  const auto file = fs::path("environments") / (name + ".json");
  if (fs::exists(channels / file, ignored)) return (channels / file).lexically_normal();
  auto folder = fs::weakly_canonical(channels, ignored);
  for (int depth = 0; depth <= config::channel_folder_depth_max; ++depth) {
    if (fs::exists(folder / file, ignored)) return folder / file;
    folder = folder.parent_path();
  }
  return channels / file;
}

}  // namespace causeway
