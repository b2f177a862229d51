#include "engine/main/channel_files.h"

#include "connectors/registry.h"
#include "engine/formats/hl7v2/message.h"

namespace causeway {
namespace {

const config::Fields* fields_of(std::string_view type, bool source) {
  const auto* kind = connectors::find_kind(type);
  if (!kind) return nullptr;
  return source ? kind->source_fields : kind->sink_fields;
}

Status check_path(std::string_view text) {
  auto path = hl7v2::parse_path(text);
  if (!path) return path.error();
  return Done{};
}

}  // namespace

std::vector<config::ChannelConfig> read_channels(const std::filesystem::path& root,
                                                 const config::EnvironmentValues* environment,
                                                 config::Problems& problems) {
  return config::load_channels(root, fields_of, environment, problems, check_path);
}

config::EnvironmentValues environment_values(const std::string& file, config::Problems& problems) {
  return file.empty() ? config::load_environment(problems)
                      : config::load_environment_file(file, problems);
}

}  // namespace causeway
