// When a store was last backed up: a note in its data folder, for who looks after it.
#pragma once

#include <filesystem>
#include <optional>

#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway {

/// Nothing: never, as far as the folder says.
std::optional<SystemTime> last_backup(const std::filesystem::path& data_folder);
/// As of now. `where`: for people.
Status note_backup(const std::filesystem::path& data_folder, const std::filesystem::path& where);

}  // namespace causeway
