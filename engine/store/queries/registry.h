// What the installation knows by number: channels by their path, destinations by channel and name.
// Config, not content: paths and names are in the clear. Rows are made when first asked for, and
// never deleted: numbers in the journal keep their meaning. Thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/ids.h"
#include "engine/store/journal/row_maker.h"
#include "engine/store/postgres/connection_pool.h"

namespace causeway::store {

/// For how long content and lineage of a channel are kept; 0: for ever. Content is kept at most as
/// long as lineage. A change holds for the content that comes after it; lineage follows at once.
struct ChannelRetention {
  std::int16_t content_days = 0;
  std::int16_t lineage_days = 0;
  bool legal_hold = false;  ///< Nothing of the channel is removed.
  bool operator==(const ChannelRetention&) const = default;
};

struct ChannelEntry {
  ChannelId id;
  std::string path;
  ChannelRetention retention;
};

struct DestinationEntry {
  DestinationId id;
  ChannelId channel;
  std::string name;
};

class Registry {
 public:
  /// Keeps `classes` up to date with the channels' retention.
  Registry(ConnectionPool& pool, RetentionClasses& classes) : pool_(pool), classes_(classes) {}

  /// Reads what there is; called once, before the journal is used.
  Status load();

  /// The channel's number; made if it's new.
  Result<ChannelId> channel(const std::string& path);
  Result<DestinationId> destination(ChannelId channel, const std::string& name);
  Result<std::vector<ChannelEntry>> channels();
  Result<std::vector<DestinationEntry>> destinations();

  Status set_retention(ChannelId channel, ChannelRetention retention);

 private:
  ConnectionPool& pool_;
  RetentionClasses& classes_;
};

}  // namespace causeway::store
