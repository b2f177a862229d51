// Which of a folder's files are to be read, and in which order. Remembers from look to look what
// it saw, to tell a file that stays as it is from one that is being written.
//
// Not thread-safe. Errors: those of Folder::list.
#pragma once

#include <map>
#include <set>

#include "connectors/support/folder/folder.h"
#include "connectors/support/folder/settings.h"
#include "engine/core/clock.h"

namespace causeway::connectors::folder {

/// Files and folders looked at in one look; what is more waits for a later one.
inline constexpr std::size_t entries_max = 100'000;

/// Whether patterns (see SelectionRules) want a file of this path.
bool is_wanted(const SelectionRules& rules, const std::string& path);

class Selection {
 public:
  /// `spared`: folders in the folder that aren't read (where files are moved to).
  Selection(SelectionRules rules, std::set<std::string> spared);

  struct Found {
    std::vector<FileInfo> ready;  ///< In order.
    std::size_t waiting = 0;      ///< Not yet old or stable enough.
    bool more = false;            ///< There are more than `entries_max`.
  };
  Result<Found> look(Folder& folder, const Clock& clock);

  /// It is not to be found again as it is.
  void done_with(const FileInfo& file);
  /// It has been touched: how long it stays the same counts from now.
  void changed(const FileInfo& file);

 private:
  struct Seen {
    FileInfo info;
    SteadyTime since;
    bool done = false;
    bool listed = false;  // in the present look
  };

  Status collect(Folder& folder, const std::string& path, int depth, Found& found);
  bool is_ready(const Seen& seen, const Clock& clock) const;
  void sort(std::vector<FileInfo>& files) const;

  const SelectionRules rules_;
  const std::set<std::string> spared_;
  std::map<std::string, Seen> seen_;
  SteadyTime now_;
  std::size_t entries_ = 0;
};

}  // namespace causeway::connectors::folder
