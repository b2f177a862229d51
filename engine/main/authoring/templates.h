// What `causeway new` makes channels from: the files of engine/main/templates/, which the program
// carries. Each folder there is a template; `every` holds what all of them get. Immutable.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"

namespace causeway {

struct TemplateFile {
  std::string_view name;  ///< "mllp_to_mllp/channel.json"
  std::string_view text;
};
const std::vector<TemplateFile>& template_files();

struct Template {
  std::string name;
  std::string summary;
};
std::vector<Template> templates();

/// Makes the channel's folder, with tests, README and what editors need. Errors: NotFound (no such
/// template, with the nearest), Conflict (there is something in the folder), Invalid (no channel
/// can have this name), Unavailable.
Status make_channel(const std::filesystem::path& folder, const std::string& from);

}  // namespace causeway
