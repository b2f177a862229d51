// One deployed state of a channel: its config, its pipeline, and the ends that are made for it. A
// new version takes over what its predecessor has unchanged: ends are kept with their connections.
//
// Used under the lock of RunningChannels. Ends are shared by versions; they are destroyed only once
// nothing refers to their deployments (see RetiredVersions), and never on a thread of theirs.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "connectors/support/connector.h"
#include "engine/channel/channel.h"
#include "engine/config/channel_config.h"
#include "engine/pipeline/response_script.h"

namespace causeway {

/// Between a source and its channel: shut until the version that the source belongs to holds, so
/// that it can listen before.
class Gate final : public Intake {
 public:
  explicit Gate(channel::Channel& channel) : channel_(channel) {}
  void open() { open_ = true; }

  void accept(Draft draft, OnReceipt on_receipt, OnReply on_reply) override {
    channel_.accept(std::move(draft), std::move(on_receipt), std::move(on_reply));
  }
  void accept_many(std::vector<Draft> drafts, OnReceipt on_receipt) override {
    channel_.accept_many(std::move(drafts), std::move(on_receipt));
  }
  void reply_sent(MessageId message, ReplyState state) override {
    channel_.reply_sent(message, state);
  }
  bool wants_more() const override { return open_ && channel_.wants_more(); }

 private:
  channel::Channel& channel_;
  std::atomic<bool> open_{false};
};

/// A source with what it was made from, and its way into the channel.
struct SourceEnd {
  SourceEnd(std::string from, channel::Channel& channel)
      : made_from(std::move(from)), gate(channel) {}
  std::string made_from;
  Gate gate;
  std::unique_ptr<Source> source;
  std::string failure;  ///< Why it doesn't listen; empty: it does, or is not to.
  bool listens = false;
};

/// What pipelines need of the engine.
struct PipelineEnvironment {
  BodyStaging& staging;
  pipeline::LookupEnvironment lookups;
  std::string name;  ///< Of the installation's environment: ctx.message.environment.
};

struct SinkEnd {
  std::string made_from;
  std::unique_ptr<Sink> sink;
};

struct ChannelVersion {
  config::ChannelConfig config;
  std::map<std::string, std::string> environment;  ///< The values that the config refers to.
  std::int32_t revision = 0;
  std::string author, comment;  ///< Of its deployment.
  SystemTime deployed_at;
  std::shared_ptr<SourceEnd> source;  ///< nullptr: fed by hops alone.
  std::map<std::string, std::shared_ptr<SinkEnd>> sinks;
  std::shared_ptr<const TransformationFactory> transformation;
  pipeline::Responses responses;
  std::shared_ptr<const channel::Deployment> deployment;  ///< Once it holds.
};

/// A config with all that it needs; what `earlier` (or nullptr) has unchanged is shared with it.
/// Nothing is started. Errors: of the connectors and scripts.
Result<std::shared_ptr<ChannelVersion>> make_version(
    config::ChannelConfig config, const config::EnvironmentValues& environment,
    const ChannelVersion* earlier, channel::Channel& channel,
    const connectors::Environment& connectors_environment, const PipelineEnvironment& pipelines);

/// A sink like the one that this destination has. Errors: of the connector.
Result<std::shared_ptr<SinkEnd>> make_sink_end(const config::ChannelConfig& channel,
                                               const config::DestinationConfig& destination,
                                               const connectors::Environment& environment);

/// What the deployment of a version says, but for its number and the channels that it hops to.
Result<channel::Deployment> deployment_of(const ChannelVersion& version);

}  // namespace causeway
