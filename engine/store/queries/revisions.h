// What the channels of an installation run with, and what they ran with before: revisions (the
// files of a channel, immutable), deployments (a revision with the environment's values: the newest
// of a channel holds), and what operators have switched off.
//
// Authors, comments and hashes are in the clear. Files and values are compressed and sealed: a file
// may name people, a value hosts and users. Rows are never deleted. Thread-safe; blocks on the
// database.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/ids.h"
#include "engine/store/postgres/connection_pool.h"
#include "engine/store/sealing/sealer.h"

namespace causeway::store {

inline constexpr std::size_t revision_bytes_max = 64 * 1024 * 1024;  ///< All files together.

struct Revision {
  std::int32_t id = 0;
  ChannelId channel;
  std::int32_t parent = 0;  ///< What was deployed when it was made; 0: it was the first.
  std::string hash;         ///< Of the files; unique in its channel.
  std::string author;
  std::string comment;
  SystemTime at;
  std::string files;  ///< As main packs them; only with `Revisions::revision`.
};

struct DeploymentEntry {
  DeploymentId id;
  ChannelId channel;
  std::int32_t revision = 0;  ///< 0: undeployed.
  std::string revision_hash;  ///< Only with `Revisions::current`.
  std::string environment;    ///< The values in force, without secrets; as main packs them.
  std::string author;
  std::string comment;
  SystemTime at;
};

/// Whether a channel, its source or one of its destinations is to work. Stored: append only.
enum class Switched : std::uint8_t { On = 0, Paused = 1, Off = 2 };

/// A part of a channel that can be switched.
struct SwitchKey {
  ChannelId channel;
  std::int32_t part = 0;  ///< One of those below, or a DestinationId's value.
  auto operator<=>(const SwitchKey&) const = default;
};
inline constexpr std::int32_t whole_channel = 0;
inline constexpr std::int32_t source_part = -1;

class Revisions {
 public:
  Revisions(ConnectionPool& pool, Sealer& sealer) : pool_(pool), sealer_(sealer) {}

  /// The revision's number; the same channel and hash give the same one.
  Result<std::int32_t> add(const Revision& revision);
  /// NotFound: there is none of this number in this channel.
  Result<Revision> revision(ChannelId channel, std::int32_t id);
  Result<std::optional<Revision>> find(ChannelId channel, const std::string& hash);

  struct Deployed {
    DeploymentId id;
    SystemTime at;
  };
  Result<Deployed> deploy(const DeploymentEntry& deployment);
  /// With its environment. NotFound: the channel has no deployment of this number.
  Result<DeploymentEntry> deployment(ChannelId channel, DeploymentId id);
  /// The newest of each channel, with its environment.
  Result<std::map<ChannelId, DeploymentEntry>> current();
  /// The hash of the newest revision of each channel that this author deployed.
  Result<std::map<ChannelId, std::string>> last_deployed_by(const std::string& author);
  /// Newest first, without environments; up to `rows` before the deployment `before` (0: all).
  struct Past {
    DeploymentEntry deployment;
    Revision revision;  ///< Without files; id 0: undeployed.
  };
  Result<std::vector<Past>> history(ChannelId channel, DeploymentId before, std::size_t rows);

  /// What is not On.
  Result<std::map<SwitchKey, Switched>> switches();
  Status set_switch(SwitchKey key, Switched to, const std::string& author);

 private:
  Result<std::string> seal(ChannelId channel, std::string_view plain);
  Result<std::string> open(ChannelId channel, std::string_view sealed);

  ConnectionPool& pool_;
  Sealer& sealer_;
};

}  // namespace causeway::store
