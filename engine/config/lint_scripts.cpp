// What a channel's scripts and other files show: lint_scripts, lint_files.
#include <set>
#include <system_error>

#include "engine/config/library.h"
#include "engine/config/lint.h"
#include "engine/config/script_text.h"

namespace causeway::config {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t secret_bytes_min = 6;  ///< Shorter texts beside such a name are hardly one.
constexpr std::size_t files_max = 10'000;

bool names_value(const std::vector<ScriptWord>& words, std::size_t i) {
  using Kind = ScriptWord::Kind;
  if (i < 2) return false;
  const auto& sign = words[i - 1];
  const auto& name = words[i - 2];
  return sign.kind == Kind::Sign && (sign.text == ":" || sign.text == "=") &&
         (name.kind == Kind::Name || name.kind == Kind::String);
}

void lint_secrets(const std::vector<ScriptWord>& words, Problems& problems) {
  using Kind = ScriptWord::Kind;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    if (word.kind != Kind::String && word.kind != Kind::Template) continue;
    const bool named = names_value(words, i) && names_secret(words[i - 2].text) &&
                       word.text.size() >= secret_bytes_min &&
                       word.text.find_first_of(" $") == std::string_view::npos;
    if (named || looks_secret(word.text))
      problems.add(Value(std::monostate{}, word.place), "",
                   "a secret is written out in a script, and scripts need none; give it to the "
                   "connector that uses it, as \"secret:NAME\" (causeway secret set NAME)");
  }
}

void lint_sends(const std::vector<ScriptWord>& words, const ChannelConfig& channel,
                Problems& problems) {
  std::vector<std::string> names;
  for (const auto& destination : channel.destinations) names.push_back(destination.name);
  for (const auto& [name, place] : context_calls(words, "send"))
    if (std::find(names.begin(), names.end(), name) == names.end())
      problems.add(Value(std::monostate{}, place), "",
                   "the channel has no destination " + in_quotes(name) + did_you_mean(name, names));
}

/// "sex" is the channel's tables/sex.csv, "folder/sex" the library's.
void lint_tables(const std::vector<ScriptWord>& words, const ChannelConfig& channel,
                 Problems& problems) {
  constexpr std::string_view folder = "tables/", ending = ".csv";
  std::vector<std::string> names;
  for (const auto& [file, text] : channel.scripts) {
    if (!file.ends_with(ending)) continue;
    const auto prefix = file.starts_with(library_prefix) ? library_prefix : folder;
    names.push_back(file.substr(prefix.size(), file.size() - prefix.size() - ending.size()));
  }
  for (const auto& [name, place] : context_calls(words, "table"))
    if (std::find(names.begin(), names.end(), name) == names.end())
      problems.add(Value(std::monostate{}, place), "",
                   "there is no table " + in_quotes(name) +
                       (name.find('/') == std::string::npos ? " (tables/" + name + ".csv)" : "") +
                       did_you_mean(name, names));
}

void lint_enriched(const std::vector<ScriptWord>& words, const ChannelConfig& channel,
                   Problems& problems) {
  std::vector<std::string> names;
  for (const auto& stage : channel.stages)
    if (stage.enrich) names.push_back(stage.enrich->name);
  for (const auto& [name, place] : context_calls(words, "enriched"))
    if (std::find(names.begin(), names.end(), name) == names.end())
      problems.add(Value(std::monostate{}, place), "",
                   "no enrich stage is called " + in_quotes(name) + did_you_mean(name, names));
}

void lint_state(const std::vector<ScriptWord>& words, Problems& problems) {
  for (const char* method : {"counter", "state", "setState"})
    for (const auto& [name, place] : context_calls(words, method))
      problems.add(Value(std::monostate{}, place), "",
                   std::string("ctx.") + method +
                       " belongs to a lane, and the channel keeps no order: give \"order_by\" "
                       "another value than \"none\"");
}

/// The name in the channel's folder that `importer` means by `specifier`; empty for the library's.
std::string imported_name(const std::string& importer, const std::string& specifier) {
  if (!specifier.starts_with("./") && !specifier.starts_with("../")) return {};
  return (fs::path(importer).parent_path() / specifier).lexically_normal().generic_string();
}

/// All scripts that stages name, and what these import.
std::set<std::string> scripts_in_use(const ChannelConfig& channel) {
  std::set<std::string> used;
  std::vector<std::string> open;
  for (const auto& stage : channel.stages) open.push_back(stage.script.file);
  for (const auto& destination : channel.destinations) open.push_back(destination.response);
  while (!open.empty()) {
    const auto name = open.back();
    open.pop_back();
    const auto script = channel.scripts.find(name);
    if (script == channel.scripts.end() || !used.insert(name).second) continue;
    for (const auto& import : imports_of(words_of_script(script->second)))
      open.push_back(imported_name(name, import.name));
  }
  return used;
}

/// The channel's files are its scripts, its tables, and what it uses of the library.
bool is_own_script(const std::string& name) {
  return name.ends_with(".js") && !name.starts_with(library_prefix);
}

std::vector<std::string> own_scripts(const ChannelConfig& channel) {
  std::vector<std::string> names;
  for (const auto& [name, text] : channel.scripts)
    if (is_own_script(name)) names.push_back(name);
  return names;
}

void lint_imports(const std::string& script, const std::vector<ScriptWord>& words,
                  const ChannelConfig& channel, Problems& problems) {
  const auto names = own_scripts(channel);
  for (const auto& [name, place] : imports_of(words)) {
    const auto file = imported_name(script, name);
    if (!file.empty() && !channel.scripts.contains(file))
      problems.add(Value(std::monostate{}, place), "",
                   "there is no file " + in_quotes(file) + " in the channel's folder to import" +
                       did_you_mean(file, names));
  }
}

bool is_expected_file(const fs::path& path) {
  const auto name = path.filename().string();
  return name.starts_with('.') || name == "channel.json" || name == "jsconfig.json" ||
         name == "tsconfig.json" || path.extension() == ".md";
}

}  // namespace

void lint_scripts(const ChannelConfig& channel, const fs::path& folder, Problems& problems) {
  for (const auto& [name, text] : channel.scripts) {
    if (!is_own_script(name)) continue;
    problems.file = (folder / name).string();
    const auto words = words_of_script(text);
    lint_secrets(words, problems);
    lint_imports(name, words, channel, problems);
    lint_tables(words, channel, problems);
    lint_enriched(words, channel, problems);
    if (channel.order_by == "none") lint_state(words, problems);
    if (!channel.destinations.empty()) lint_sends(words, channel, problems);
  }
}

void lint_files(const ChannelConfig& channel, const fs::path& folder, Problems& problems) {
  const auto used = scripts_in_use(channel);
  std::error_code failed;
  std::size_t files = 0;
  fs::recursive_directory_iterator entry(folder, failed), end;
  for (; !failed && entry != end; entry.increment(failed)) {
    std::error_code ignored;
    const auto name = entry->path().filename().string();
    if (entry->is_directory(ignored)) {
      if (name.starts_with('.') || (entry.depth() == 0 && (name == "tests" || name == "tables")))
        entry.disable_recursion_pending();
      continue;
    }
    if (++files > files_max) return;
    if (is_expected_file(entry->path()) ||
        used.contains(entry->path().lexically_relative(folder).generic_string()))
      continue;
    problems.file = entry->path().string();
    problems.warn({}, "",
                  entry->path().extension() == ".js"
                      ? "no stage names this script, and none that is used imports it"
                      : "a channel makes no use of such a file");
  }
}

}  // namespace causeway::config
