// What becomes of a file that was read: moved, deleted, left, or put aside with the reason. Used by
// one thread; blocks. Errors: those of the folder.
#pragma once

#include "connectors/support/folder/file_passage.h"
#include "engine/core/clock.h"

namespace causeway::connectors::folder {

class Afterwards {
 public:
  Afterwards(const SourceSettings& settings, const Clock& clock)
      : settings_(settings), clock_(clock) {}

  /// All of it is stored.
  Status succeeded(Folder& folder, const FileInfo& file) const;
  /// Into failed_folder, with a text beside it that says why, and how much of it is stored.
  Status failed(Folder& folder, const FileInfo& file, const PassageEnd& end) const;

 private:
  /// Never over another file: a name that is taken gets the time behind it. The new path.
  Result<std::string> move(Folder& folder, const FileInfo& file, const std::string& into) const;

  const SourceSettings& settings_;
  const Clock& clock_;
};

}  // namespace causeway::connectors::folder
