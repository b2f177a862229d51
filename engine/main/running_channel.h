// One channel of RunningChannels, under its locks. Internal to running_channels*.cpp.
#pragma once

#include <set>

#include "engine/main/running_channels.h"

namespace causeway {

struct RunningChannels::Running {
  Running(ChannelId number, const std::string& path, const channel::Ports& ports)
      : id(number), channel(number, path, ports) {}

  ChannelId id;
  channel::Channel channel;
  bool was_started = false;
  std::shared_ptr<ChannelVersion> version;  ///< nullptr: it is not deployed.
  std::string failure;                      ///< Why the channel as a whole doesn't work.

  /// A destination that was removed while deliveries were on their way to it.
  struct Leaving {
    channel::Destination destination;
    std::shared_ptr<SinkEnd> sink;
    SteadyTime until;
  };
  std::vector<Leaving> leaving;
  RetiredEnds::Users users;  ///< All deployments that may still be referred to.

  SteadyTime listen_again{};
  std::set<std::string> shut;  ///< Destinations that are not sent to at this time.
  // For the rate: what had been received when.
  SteadyTime sampled{};
  std::uint64_t received_then = 0;
  double per_minute = 0;
};

/// What has been begun for a switch, so that it can be undone.
struct RunningChannels::Opened {
  std::vector<Sink*> sinks;
  SourceEnd* source = nullptr;   ///< Started for it.
  SourceEnd* gave = nullptr;     ///< Whose socket `source` has taken over.
  SourceEnd* stopped = nullptr;  ///< Stopped to make room.
};

}  // namespace causeway
