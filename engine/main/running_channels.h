// All channels of an engine at work: each with the version that holds, and what operators have
// switched off. Deploying makes a new version, starts what is new of it, has it recorded, switches,
// and retires what it replaces; what fails before the switch leaves the old version at work.
//
// A channel's object lives until the engine ends, also when the channel is undeployed: work that is
// under way may still refer to it. Two locks: `changing_` is held for a whole change, also across
// I/O, so that changes come one after the other; `mutex_` guards what `views` and others read, and
// is not held across I/O. All public functions may be called by any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "engine/channel/control.h"
#include "engine/main/channel_version.h"
#include "engine/main/retired_ends.h"
#include "engine/store/queries/registry.h"
#include "engine/store/queries/revisions.h"

namespace causeway {

class RunningChannels {
 public:
  RunningChannels(const channel::Ports& ports, const connectors::Environment& environment,
                  PipelineEnvironment pipelines, store::Registry& registry,
                  store::Revisions& revisions);
  ~RunningChannels();

  /// Reads numbers and switches from the store. Once, first.
  Status load();

  /// A version that is ready to be switched to, and what the switch will do, in words.
  struct Candidate {
    std::shared_ptr<ChannelVersion> version;
    std::vector<std::string> notes;
    bool is_new = false;
    bool is_unchanged = false;
    bool is_first = false;  ///< For the caller to say: nothing of this channel can be in the store.
  };
  /// Checks and makes all that the config asks for; nothing of what runs is changed. Errors: of the
  /// connectors and scripts; NotFound for a hop that leads nowhere; Conflict for a removed
  /// destination with work that doesn't move (if not forced).
  /// `coming`: channels that are deployed before it.
  Result<Candidate> prepare(config::ChannelConfig config,
                            const config::EnvironmentValues& environment, channel::Force force,
                            const std::set<std::string>& coming);

  /// Records the deployment, called when all that can fail has been done.
  using Record = std::function<Result<DeploymentId>(ChannelId)>;
  /// Whether a source that can't listen prevents the switch; else it is tried again every while.
  enum class Listening : bool { IfPossible, Required };
  Status switch_to(const Candidate& candidate, const Record& record,
                   const channel::Channel::Before& before, Listening listening);
  /// Stops it and takes it out; open work stays in the store. Conflict: see Control::undeploy.
  Status undeploy(const std::string& path, const Record& record, channel::Force force);
  /// See Control::switch_part.
  Status switch_part(const std::string& path, const std::string& part, store::Switched to,
                     const std::string& author, channel::Force force);

  /// While held, no destination sends; released, those do that nothing else pauses. After `load`.
  Status hold_sending(bool held);
  /// Sources first, then what is under way, for up to `grace`.
  void stop(Milliseconds grace);
  /// What has to be looked after: to be called several times a second.
  void tick();

  bool is_deployed(const std::string& path) const;
  std::shared_ptr<const ChannelVersion> version(const std::string& path) const;
  /// NotFound: no channel of this path has ever been deployed.
  Result<ChannelId> number(const std::string& path);
  std::map<std::string, ChannelId> numbers();  ///< Of all paths that have ever been deployed.
  /// The deployed channels that hop to this one.
  std::vector<std::string> hopping_to(const std::string& path) const;
  std::vector<channel::ChannelView> views() const;
  Result<channel::ChannelView> view(const std::string& path) const;
  std::vector<channel::Channel*> channels() const;  ///< Those that are deployed.
  std::size_t size() const { return channels().size(); }
  /// Those that don't work as they should.
  std::size_t failed() const;

 private:
  struct Running;
  struct Opened;
  using Deployment = std::shared_ptr<channel::Deployment>;
  static constexpr auto stop_grace = Milliseconds(5000);  ///< For senders' replies.

  // running_channels.cpp
  Running* find(const std::string& path) const;
  Result<Running*> find_or_make(const std::string& path);
  Status keep_for(ChannelId id, const config::ChannelConfig& config);
  Result<DestinationId> destination_number(ChannelId id, const std::string& name);
  store::Switched switched(ChannelId id, std::int32_t part) const;
  store::Switched source_is_to(const Running& running) const;
  Status check_hops(const Running& running, store::Switched to) const;
  Status follow_switches(Running& running);
  Status listen_now(Running& running, SourceEnd& source);
  void catch_up_some();
  void look_after(Running& running);
  void follow_sending_times(Running& running);

  // running_channels_deploy.cpp
  Status check_removed(const Running& running, const config::ChannelConfig& config,
                       channel::Force force) const;
  Result<Deployment> build(Running& running, const ChannelVersion& version);
  void add_leaving(Running& running, channel::Deployment& deployment);
  void drop_left(Running& running);
  Status open(Running& running, ChannelVersion& version, Listening listening, Opened& opened);
  Status listen(SourceEnd& source, SourceEnd* earlier, Opened& opened);
  void undo(Opened& opened);
  void switch_over(Running& running, std::shared_ptr<ChannelVersion> next, Deployment deployment);
  void use(Running& running, std::shared_ptr<const channel::Deployment> deployment);
  Status renew(Running& running);
  Status stop_destination(Running& running, const std::string& name);
  Status check_idle(const Running& running, channel::Force force) const;
  void rest(Running& running);
  void retire_source(Running& running, std::shared_ptr<SourceEnd> source);
  void retire_sink(Running& running, std::shared_ptr<SinkEnd> sink);

  // running_channels_views.cpp
  channel::ChannelView view(const Running& running) const;

  const channel::Ports ports_;
  const connectors::Environment environment_;
  const PipelineEnvironment pipelines_;
  store::Registry& registry_;
  store::Revisions& revisions_;

  std::mutex changing_;  // guards these, and what a Running has to change
  std::map<std::string, store::ChannelEntry> entries_;
  std::map<std::pair<ChannelId, std::string>, DestinationId> numbers_;
  bool held_ = false;

  mutable std::mutex mutex_;  // guards these; running_ and versions are changed under both
  std::map<store::SwitchKey, store::Switched> switches_;
  std::map<std::string, std::unique_ptr<Running>> running_;
  std::string next_to_catch_up_;

  RetiredEnds retired_;
};

}  // namespace causeway
