// An installation as the commands see it that only look: its data folder, keys and database, opened
// without an engine or beside one. Used by one thread.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "engine/main/arguments.h"
#include "engine/store/read_only_store.h"

namespace causeway {

class Installation {
 public:
  /// The option names that `open` reads.
  static constexpr std::string_view options_help =
      "  --data FOLDER        the engine's data folder (default: $CAUSEWAY_DATA, .causeway here, "
      "or\n"
      "                       /var/lib/causeway)\n"
      "  --database URL       the PostgreSQL that the site runs, if it is not the private one\n";

  static std::filesystem::path data_folder(const Arguments& arguments);
  /// As root it becomes the user that the engine runs as.
  static Result<std::unique_ptr<Installation>> open(const Arguments& arguments);

  store::ReadOnlyStore& store() { return *store_; }
  const std::filesystem::path& folder() const { return folder_; }
  const std::string& conninfo() const { return conninfo_; }  ///< Of its database.

  std::string channel_path(ChannelId id) const;
  std::string destination_name(DestinationId id) const;  ///< "run" for 0.
  const std::map<ChannelId, std::string>& channels() const { return channels_; }
  const std::map<DestinationId, store::DestinationEntry>& destinations() const {
    return destinations_;
  }

 private:
  Installation() = default;

  std::filesystem::path folder_;
  std::string conninfo_;
  std::unique_ptr<store::MasterKeys> masters_;
  std::unique_ptr<store::ReadOnlyStore> store_;
  std::map<ChannelId, std::string> channels_;
  std::map<DestinationId, store::DestinationEntry> destinations_;
};

}  // namespace causeway
