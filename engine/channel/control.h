// What can be done with the channels of a running engine: the port behind `causeway deploy`,
// `causeway channels` and the API. Changes come one after the other; each says what it did or why
// it did nothing. Plain values; implementations are thread-safe, and block on the database.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway::channel {

/// A channel's folder as text: "channel.json" and the scripts beside it, by their names.
struct ChannelFiles {
  std::string path;  ///< "lab/oru_in"
  std::map<std::string, std::string> files;
};

struct Who {
  std::string author;
  std::string comment;
};

enum class Force : bool { No, Yes };
enum class Dry : bool { No, Yes };

/// What became of one channel of a deploy.
enum class Change : std::uint8_t { Unchanged, Added, Changed, Refused };
std::string_view to_string(Change change);

struct DeployResult {
  std::string path;
  Change change = Change::Refused;
  std::int32_t revision = 0;          ///< 0: none was made.
  std::vector<std::string> problems;  ///< Why it was refused.
  std::vector<std::string> notes;     ///< "source: the socket goes on, its settings change"
};

/// How a channel or a part of it is. The only place that names these states.
enum class PartState : std::uint8_t {
  Started,
  Paused,   ///< It keeps what it has, and connections; it does nothing.
  Stopped,  ///< The same, and connections are closed.
  Failed,   ///< It should work, and can't: `why`.
};
std::string_view to_string(PartState state);

struct PartView {
  std::string name;  ///< "source", or the destination's name.
  PartState state = PartState::Started;
  std::string why;
  std::string address;
  std::size_t queued = 0;
  bool more_on_disk = false;  ///< `queued` counts only what is in memory.
};

struct ChannelView {
  std::string path;
  PartState state = PartState::Started;
  std::string why;
  std::int32_t revision = 0;
  std::string comment, author;
  SystemTime deployed_at;
  std::uint64_t received = 0;  ///< Since the engine started.
  double received_per_minute = 0;
  SystemTime last_received;  ///< Zero: nothing since the start.
  MessageId oldest_waiting;  ///< 0: nothing waits.
  std::size_t queued_runs = 0;
  bool more_runs_on_disk = false;
  std::vector<PartView> parts;  ///< The source first.
};

/// A deployment of the past, or the current one.
struct DeploymentView {
  std::int32_t deployment = 0;
  std::int32_t revision = 0;  ///< 0: it was undeployed.
  std::int32_t parent = 0;
  std::string hash, author, comment;
  SystemTime at;
};

class Control {
 public:
  virtual ~Control() = default;

  /// Deploys those that differ from what runs. A channel that is refused goes on as it is; others
  /// don't wait for it unless they hop to it.
  virtual std::vector<DeployResult> deploy(std::vector<ChannelFiles> channels, const Who& who,
                                           Dry dry, Force force) = 0;
  /// Deploys an earlier revision.
  virtual DeployResult roll_back(const std::string& path, std::int32_t revision, const Who& who,
                                 Force force) = 0;
  /// Conflict: others hop to it (named), or it has open work and is not forced.
  virtual Status undeploy(const std::string& path, const Who& who, Force force) = 0;

  /// `part`: empty for the whole channel, "source", or a destination's name. Started, Paused or
  /// Stopped; it stays so over a restart. Conflict: a channel that hops to it works, or one that it
  /// hops to doesn't (not forced).
  virtual Status switch_part(const std::string& path, const std::string& part, PartState to,
                             const Who& who, Force force) = 0;

  virtual std::vector<ChannelView> list() = 0;
  virtual Result<ChannelView> show(const std::string& path) = 0;
  /// Newest first, from before the deployment `before` (0: from the newest on).
  virtual Result<std::vector<DeploymentView>> history(const std::string& path, std::int32_t before,
                                                      std::size_t rows) = 0;
  /// The files of a revision; 0: of the deployed one.
  virtual Result<ChannelFiles> files(const std::string& path, std::int32_t revision) = 0;
};

}  // namespace causeway::channel
