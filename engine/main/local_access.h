// How commands on the same machine reach the engine that runs on a data folder: a file in its `run`
// folder with the API's address and a token of an administrator's rights, for its owner's eyes
// alone. A new token at every start; the file goes with a clean end. One left by a killed engine
// names an address where nobody answers, or whose new engine knows another token.
#pragma once

#include <filesystem>
#include <string>

#include "engine/core/result.h"

namespace causeway {

struct LocalAccess {
  std::string url;  ///< "http://127.0.0.1:8442"
  std::string token;
};

/// 256 random bits, as hexadecimal digits.
std::string random_token();

Status write_local_access(const std::filesystem::path& data_folder, const LocalAccess& access);
/// NotFound: no engine runs here, or none that this user may ask.
Result<LocalAccess> read_local_access(const std::filesystem::path& data_folder);
void remove_local_access(const std::filesystem::path& data_folder);

}  // namespace causeway
