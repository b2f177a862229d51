// Reads a whole file of bounded size. Thread-safe.
#pragma once

#include <filesystem>
#include <string>

#include "engine/core/result.h"

namespace causeway::config {

/// NotFound, Invalid (no regular file, or a symbolic link at its end), Limit, Unavailable.
Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace causeway::config
