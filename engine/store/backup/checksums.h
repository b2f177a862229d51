// SHA256SUMS: the digest of each file of a backup, in the form of sha256sum(1), so that a site can
// check it by `sha256sum -c` too. It is written last: a folder without it is no backup. A backup
// in which a byte was changed, or a file added or removed, is told by name. Thread-safe; blocks.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace causeway::store {

inline constexpr const char* checksums_name = "SHA256SUMS";
inline constexpr std::size_t checksums_bytes_max = 256 * 1024 * 1024;

/// Digests in hex by path, relative to the folder.
using Checksums = std::map<std::string, std::string>;

/// Invalid: this is no such file, or names a path outside the folder.
Result<Checksums> parse_checksums(std::string_view text);

/// Of all files below, but SHA256SUMS itself.
Result<Checksums> checksums_of(const std::filesystem::path& folder);

/// Writes the file, durably, with all that it speaks of.
Status write_checksums(const std::filesystem::path& folder);
/// Damaged: names the first file that is altered, missing, or not listed.
Status verify_checksums(const std::filesystem::path& folder);

}  // namespace causeway::store
