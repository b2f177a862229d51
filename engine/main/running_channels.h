// All channels of an engine: makes their sources and sinks from their configs, starts them in an
// order in which nothing arrives before its receiver is there, and stops them in the opposite one.
// Used by one thread; `figures` and `find` by any while they run.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/support/connector.h"
#include "engine/channel/channel.h"
#include "engine/config/channel_config.h"
#include "engine/store/queries/registry.h"

namespace causeway {

class RunningChannels {
 public:
  RunningChannels(const channel::Ports& ports, const connectors::Environment& environment,
                  store::Registry& registry);
  ~RunningChannels();

  /// A channel that can't be started is left out, and logged as an error; the others start. Fails
  /// if the store is away: nothing of a channel may work before what is open has been read.
  Status start(const std::vector<config::ChannelConfig>& configs,
               const channel::Channel::Before& before);
  /// Tries the sources that could not start (another program had the port, say).
  void listen_again();
  /// Sources first, then what is under way, for up to `grace`.
  void stop(Milliseconds grace);

  /// While held, no destination sends; released, those do that their config doesn't pause. Before
  /// `start`, or while they run.
  void hold_sending(bool held);

  /// Moves low-water marks along; to be called every few seconds.
  void catch_up();

  struct Line {
    std::string channel;
    std::string what;  ///< "listens on" or "sends to".
    std::string address;
  };
  std::vector<Line> addresses() const;
  std::size_t size() const { return channels_.size(); }
  /// Channels that are not running as they should.
  std::size_t failed() const { return failed_; }
  std::vector<channel::Channel*> channels() const;

 private:
  struct Running;

  Status listen(const std::string& path, Running& running);
  Status make(Running& running, const config::ChannelConfig& config);
  Status make_ends(Running& running, const config::ChannelConfig& config);
  Result<DeploymentId> deployment_number(ChannelId id, const config::ChannelConfig& config);
  Result<std::shared_ptr<channel::Deployment>> make_deployment(Running& running,
                                                               const config::ChannelConfig& config);
  void left_out(const std::string& path, const Error& error);

  channel::Ports ports_;
  connectors::Environment environment_;
  store::Registry& registry_;
  std::map<std::string, std::unique_ptr<Running>> channels_;
  std::size_t failed_ = 0;
  bool held_ = false;
};

}  // namespace causeway
