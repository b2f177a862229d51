// Root is only for starting: the engine and its PostgreSQL run as an unprivileged user.
//
// Call before any thread is started and any other file of the data folder is touched.
#pragma once

#include <filesystem>
#include <string>

#include "engine/core/result.h"

namespace causeway {

struct UnprivilegedUser {
  std::string name = "causeway";  ///< Made (useradd) if it is missing.
  std::filesystem::path home =
      "/var/lib/causeway";  ///< Data folder where another can't be reached.
};

struct DataFolder {
  std::filesystem::path path;
  std::string notice;  ///< Why it isn't the one asked for; empty if it is.
};

/// As root: becomes the owner of the data folder, or `user` if it is new or root's, and gives the
/// folder to that user. If the user can't reach it (a folder under /root), `user.home` is taken
/// instead, and `notice` says so. Goes to `/` if the user can't be in the current folder. Refuses
/// (Conflict) to give away a folder of root's that has other things in it. As anybody else: makes
/// the folder if it is missing, and no more.
Result<DataFolder> drop_privileges(const std::filesystem::path& data_folder,
                                   const UnprivilegedUser& user = {});

}  // namespace causeway
