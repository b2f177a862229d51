#include "engine/main/authoring/templates.h"

#include <algorithm>

#include "engine/config/environment.h"
#include "engine/config/reference.h"
#include "engine/main/authoring/generated_docs.h"
#include "engine/main/authoring/test_case.h"
#include "engine/main/authoring/write_file.h"

namespace causeway {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view every = "every/";
constexpr std::string_view summary_file = "/summary.txt";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// The first test that a template has.
std::string test_of(const std::string& name) {
  const auto prefix = name + "/tests/";
  for (const auto& file : template_files())
    if (file.name.starts_with(prefix)) {
      const auto rest = file.name.substr(prefix.size());
      return std::string(rest.substr(0, rest.find('/')));
    }
  return {};
}

Status check_name(const fs::path& folder) {
  const auto name = folder.filename().string();
  if (config::is_reference_name(name) && !name.starts_with('.')) return Done{};
  return Error{ErrorKind::Invalid, folder.string(),
               "a channel's name may have letters, digits, _, - and .; 64 at most"};
}

Status check_place(const fs::path& folder) {
  std::error_code ignored;
  if (fs::exists(folder, ignored) &&
      (!fs::is_directory(folder, ignored) || !fs::is_empty(folder, ignored)))
    return Error{ErrorKind::Conflict, folder.string(), "there is something there already"};
  for (auto above = fs::absolute(folder).parent_path(); above.has_relative_path();
       above = above.parent_path())
    if (fs::exists(above / "channel.json", ignored))
      return Error{ErrorKind::Conflict, above.string(),
                   "is a channel itself, and no other can lie in its folder"};
  return Done{};
}

/// The files of one channel to be: name below its folder, and text.
std::vector<config::ReferenceFile> files_of(const Template& chosen, const std::string& name) {
  std::vector<config::ReferenceFile> files;
  for (const auto& file : template_files()) {
    const auto own = chosen.name + "/";
    const bool shared = file.name.starts_with(every);
    if (!shared && (!file.name.starts_with(own) || file.name.ends_with(summary_file))) continue;
    auto text = replaced(std::string(file.text), "@NAME@", name);
    text = replaced(std::move(text), "@SUMMARY@", chosen.summary);
    text = replaced(std::move(text), "@TEST@", test_of(chosen.name));
    files.push_back({std::string(file.name.substr(shared ? every.size() : own.size())), text});
  }
  files.push_back({".editor/channel.schema.json", channel_json_schema()});
  files.push_back({".editor/environment.schema.json", config::environment_schema()});
  files.push_back(
      {".editor/case.schema.json", config::json_schema(test_case_fields(), "A channel's test")});
  return files;
}

}  // namespace

std::vector<Template> templates() {
  std::vector<Template> found;
  for (const auto& file : template_files()) {
    if (!file.name.ends_with(summary_file)) continue;
    auto summary = file.text;
    while (summary.ends_with('\n')) summary.remove_suffix(1);
    found.push_back({std::string(file.name.substr(0, file.name.size() - summary_file.size())),
                     std::string(summary)});
  }
  return found;
}

Status make_channel(const fs::path& given, const std::string& from) {
  const auto folder = given.has_filename() ? given : given.parent_path();
  if (auto good = check_name(folder); !good) return good;
  if (auto good = check_place(folder); !good) return good;
  const auto all = templates();
  const auto chosen =
      std::find_if(all.begin(), all.end(), [&](const Template& each) { return each.name == from; });
  if (chosen == all.end()) {
    std::vector<std::string> names;
    for (const auto& each : all) names.push_back(each.name);
    return Error{ErrorKind::NotFound, from,
                 "there is no such template" + config::did_you_mean(from, names)};
  }
  for (const auto& [name, text] : files_of(*chosen, folder.filename().string()))
    if (auto written = write_file(folder / name, text); !written) return written;
  return Done{};
}

}  // namespace causeway
