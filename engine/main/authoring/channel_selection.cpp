#include "engine/main/authoring/channel_selection.h"

#include <system_error>

#include "engine/config/channel_config.h"

namespace causeway {

namespace fs = std::filesystem;

ChannelSelection select_channels(const fs::path& folder, config::Problems& problems) {
  ChannelSelection selection;
  std::error_code ignored;
  problems.file = folder.string();
  if (!fs::is_directory(folder, ignored)) {
    problems.add_file("there is no such folder");
    return selection;
  }
  selection.alone = fs::exists(folder / "channel.json", ignored);
  if (!selection.alone) {
    selection.root = folder == "." ? fs::path() : folder;
    selection.paths = config::find_channels(folder, problems);
    return selection;
  }
  const auto whole = fs::canonical(folder, ignored);
  // Problems are named as the folder was.
  const auto name = folder.filename();
  selection.root =
      name.empty() || name == "." || name == ".." ? whole.parent_path() : folder.parent_path();
  selection.paths = {whole.filename().string()};
  return selection;
}

}  // namespace causeway
