// Deploying to a running engine, with its records: from files to a revision, from a revision to a
// deployment, from a deployment to a channel at work. And what an engine runs at its start:
//
//   With a folder of channels, what has changed in it since it was last deployed at a start is
//   deployed (author "serve"); all else runs as the store says, so that what was deployed from
//   elsewhere holds until the folder changes. A channel that is gone from the folder is undeployed,
//   if it was the folder's. Without a folder the store alone says it.
//
// Thread-safe: one deploy after the other.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <set>

#include "engine/main/running_channels.h"

namespace causeway {

/// Why a channel is refused.
inline constexpr const char* in_circle = "it hops in a circle, or to a channel that does";

class Deployments final : public channel::Control {
 public:
  /// What the store says of an engine's earlier life, or of none.
  using BeforeOf = std::function<Result<channel::Channel::Before>()>;

  Deployments(RunningChannels& running, store::Revisions& revisions,
              config::EnvironmentValues environment, Log& log, BeforeOf before_of);

  /// The folder of channels as it was read at the start.
  struct Folder {
    std::vector<config::ChannelConfig> channels;
    std::set<std::string> broken;  ///< That are there, and have problems.
  };
  /// Starts all channels. One that can't be started is logged and left out; the others start. Fails
  /// if the store is away: nothing of a channel may work before what is open has been read.
  Status start(const std::optional<Folder>& folder, const channel::Channel::Before& before);
  /// Channels that could not be started.
  std::size_t not_started() const { return not_started_; }

  std::vector<channel::DeployResult> deploy(std::vector<channel::ChannelFiles> channels,
                                            const channel::Who& who, channel::Dry dry,
                                            channel::Force force) override;
  channel::DeployResult roll_back(const std::string& path, std::int32_t revision,
                                  const channel::Who& who, channel::Force force) override;
  Status undeploy(const std::string& path, const channel::Who& who, channel::Force force) override;
  Status switch_part(const std::string& path, const std::string& part, channel::PartState to,
                     const channel::Who& who, channel::Force force) override;
  std::vector<channel::ChannelView> list() override;
  Result<channel::ChannelView> show(const std::string& path) override;
  Result<std::vector<channel::DeploymentView>> history(const std::string& path, std::int32_t before,
                                                       std::size_t rows) override;
  Result<channel::ChannelFiles> files(const std::string& path, std::int32_t revision) override;

 private:
  struct Planned {
    config::ChannelConfig config;
    std::optional<store::DeploymentEntry> as_recorded;  ///< Holds as it is; else a new one is made.
    bool is_first = false;
  };
  struct Order {
    std::vector<Planned*> in_order;   ///< Who is hopped to comes first.
    std::set<std::string> in_circle;  ///< Or hopping to one that is.
  };
  /// What the channels of one deploy share.
  struct Set {
    std::set<std::string> accepted;
    std::optional<channel::Channel::Before> before;  ///< Read when first needed.
  };
  static Order by_hops(std::map<std::string, Planned>& planned);

  Result<std::map<std::string, Planned>> plan(const std::optional<Folder>& folder);
  Result<config::ChannelConfig> stored(const std::string& path, ChannelId id,
                                       std::int32_t revision);
  Status start_one(Planned& planned, const channel::Channel::Before& before);
  channel::DeployResult deploy_one(config::ChannelConfig config, const channel::Who& who,
                                   channel::Dry dry, channel::Force force, Set& set);
  Result<DeploymentId> record(ChannelVersion& version, ChannelId id, const channel::Who& who);
  void take_out(const std::string& path, ChannelId id);
  void left_out(const std::string& path, const Error& error);

  RunningChannels& running_;
  store::Revisions& revisions_;
  const config::EnvironmentValues environment_;
  Log& log_;
  const BeforeOf before_of_;
  std::atomic<std::size_t> not_started_{0};

  std::mutex deploying_;  // held for a whole deploy
};

}  // namespace causeway
