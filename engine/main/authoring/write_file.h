// Writes small files that people then read and edit. Thread-safe.
#pragma once

#include <filesystem>
#include <string_view>

#include "engine/core/result.h"

namespace causeway {

/// Makes the folders above; replaces what was there, at once (written beside, then renamed).
/// Unavailable: why it can't be written.
Status write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace causeway
