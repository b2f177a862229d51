// What `causeway doctor` looks at, one file each: the machine, the data folder's files, the
// channels' declarations, the database, what the engine says of itself. Each says what is good and
// what is bad, and how to mend that. They change nothing. Used by one thread; block on files and
// peers.
#pragma once

#include <filesystem>
#include <string>

#include "engine/main/arguments.h"
#include "engine/main/installation.h"

namespace causeway::doctor {

class Report {
 public:
  void good(const std::string& text);
  /// Not as it should be, but nothing is lost or open by it: the exit code stays good.
  void weak(const std::string& text, const std::string& remedy);
  void bad(const std::string& text, const std::string& remedy);
  bool any_bad() const { return bad_; }

 private:
  bool bad_ = false;
};

void check_machine(Report& report);
/// Room and kind of the disk that the folder is on.
void check_disk(Report& report, const std::filesystem::path& folder);
/// Who can read keys and secrets; how old the last backup is (`own_database`: it has one here).
void check_files(Report& report, const std::filesystem::path& folder, bool own_database);
/// Channels below `channels` as they are declared, and what they would reach from here.
/// `data_folder`: whose secrets they name; empty: not known.
void check_channels(Report& report, const std::filesystem::path& channels,
                    const std::filesystem::path& data_folder);
void check_postgresql(Report& report, bool own_database);
void check_database(Report& report, Installation& installation);
/// What the running engine says of its channels; nothing if none runs.
void check_engine(Report& report, const Arguments& arguments);

}  // namespace causeway::doctor
