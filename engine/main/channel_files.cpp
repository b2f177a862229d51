#include "engine/main/channel_files.h"

#include "connectors/registry.h"
#include "engine/config/library.h"
#include "engine/config/lint.h"
#include "engine/formats/dicom/path.h"
#include "engine/formats/hl7v2/message.h"
#include "engine/main/revision_files.h"

namespace causeway {
namespace {

const config::Fields* fields_of(std::string_view type, bool source) {
  const auto* kind = connectors::find_kind(type);
  if (!kind) return nullptr;
  return source ? kind->source_fields : kind->sink_fields;
}

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const auto& kind : connectors::all_kinds()) names.emplace_back(kind.name);
  return names;
}

}  // namespace

const config::ConnectorFields& connector_fields() {
  static const config::ConnectorFields fields(fields_of, kind_names());
  return fields;
}

Status check_message_path(std::string_view text) {
  auto path = hl7v2::parse_path(text);
  if (!path && dicom::parse_path(text)) return Done{};
  if (!path) return path.error();
  if (path->has_wildcard())
    return Error{ErrorKind::Invalid, std::string(text), "[*] can't be used here"};
  return Done{};
}

std::filesystem::path mappings_folder(const std::filesystem::path& given,
                                      const std::filesystem::path& root) {
  namespace fs = std::filesystem;
  if (!given.empty()) return given;
  std::error_code ignored;
  const auto beside = fs::absolute(root).lexically_normal() / "." / "..";
  const auto program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const auto& folder : {beside / "mappings", program / ".." / "mappings",
                             program / ".." / "share" / "causeway" / "mappings"})
    if (fs::is_directory(folder, ignored)) return folder.lexically_normal();
  return {};
}

namespace {

/// With what they use of the library; those with an error are left out.
void finish(std::vector<config::ChannelConfig>& channels, const std::filesystem::path& root,
            const config::LibraryFiles& library, config::Problems& problems) {
  for (auto& channel : channels) config::add_used(library, channel);
  std::erase_if(channels, [&](const auto& channel) {
    const auto before = problems.errors();
    config::lint_declaration(channel, root / channel.path, problems);
    config::lint_scripts(channel, root / channel.path, problems);
    return problems.errors() > before;
  });
}

}  // namespace

std::vector<config::ChannelConfig> read_channels(const std::filesystem::path& root,
                                                 const config::EnvironmentValues* environment,
                                                 config::Problems& problems,
                                                 const std::filesystem::path& mappings) {
  auto channels =
      config::load_channels(root, connector_fields(), environment, problems, check_message_path);
  finish(channels, root, config::read_library(mappings_folder(mappings, root), problems), problems);
  return channels;
}

std::vector<config::ChannelConfig> read_channel(const std::filesystem::path& root,
                                                const std::string& path, config::Problems& problems,
                                                const std::filesystem::path& mappings) {
  std::vector<config::ChannelConfig> channels;
  auto channel =
      config::load_channel(root, path, connector_fields(), nullptr, problems, check_message_path);
  if (channel) channels.push_back(std::move(*channel));
  finish(channels, root, config::read_library(mappings_folder(mappings, root), problems), problems);
  return channels;
}

std::set<std::string> channels_with_problems(const std::filesystem::path& root,
                                             const config::Problems& problems) {
  std::set<std::string> paths;
  for (const auto& problem : problems.list) {
    const auto file = std::filesystem::path(problem.file).lexically_relative(root);
    // A script may lie deeper than its channel's folder.
    for (auto folder = file.parent_path(); !folder.empty() && *folder.begin() != "..";
         folder = folder.parent_path()) {
      std::error_code failed;
      if (!std::filesystem::exists(root / folder / declaration_name, failed)) continue;
      paths.insert(folder.generic_string());
      break;
    }
  }
  return paths;
}

config::ChannelConfig read_files(const std::string& path,
                                 const std::map<std::string, std::string>& files,
                                 const config::EnvironmentValues* environment,
                                 config::Problems& problems) {
  problems.file = path + "/" + declaration_name;
  if (!config::is_channel_path(path)) {
    problems.add_file("this is no channel's path");
    return {};
  }
  auto scripts = files;
  auto declaration = scripts.extract(declaration_name);
  if (!declaration) {
    problems.add_file("it is missing");
    return {};
  }
  return config::read_channel(path, declaration.mapped(), std::move(scripts), connector_fields(),
                              environment, problems, check_message_path);
}

config::EnvironmentValues environment_values(const std::string& file, config::Problems& problems) {
  return file.empty() ? config::load_environment(problems)
                      : config::load_environment_file(file, problems);
}

}  // namespace causeway
