#include "engine/main/running_channels.h"

#include "connectors/registry.h"
#include "engine/core/check.h"
#include "engine/pipeline/pipeline.h"

namespace causeway {

struct RunningChannels::Running {
  std::unique_ptr<channel::Channel> channel;
  std::unique_ptr<Source> source;
  std::map<std::string, std::unique_ptr<Sink>> sinks;
  std::shared_ptr<channel::Deployment> deployment;
  std::map<std::string, bool> paused;  // by the config; of those that a hold stops
  bool listens = false;
};

RunningChannels::RunningChannels(const channel::Ports& ports,
                                 const connectors::Environment& environment,
                                 store::Registry& registry)
    : ports_(ports), environment_(environment), registry_(registry) {}

RunningChannels::~RunningChannels() = default;

void RunningChannels::left_out(const std::string& path, const Error& error) {
  ++failed_;
  ports_.log.error("channel.not_started", {{"channel", path}, {"reason", error.str()}});
}

Status RunningChannels::start(const std::vector<config::ChannelConfig>& configs,
                              const channel::Channel::Before& before) {
  for (const auto& config : configs) {
    auto running = std::make_unique<Running>();
    if (auto made = make(*running, config); made)
      channels_.emplace(config.path, std::move(running));
    else if (made.error().kind == ErrorKind::Unavailable)
      return made.error();
    else
      left_out(config.path, made.error());
  }
  // Hops need the channels they lead to.
  for (const auto& config : configs) {
    auto at = channels_.find(config.path);
    if (at == channels_.end()) continue;
    auto deployment = make_deployment(*at->second, config);
    if (deployment) {
      at->second->deployment = std::move(*deployment);
      continue;
    }
    if (deployment.error().kind == ErrorKind::Unavailable) return deployment.error();
    left_out(config.path, deployment.error());
    channels_.erase(at);
  }
  for (auto& [path, running] : channels_) {
    for (auto& [name, sink] : running->sinks)
      if (auto started = sink->start(); !started)
        ports_.log.error(
            "destination.not_started",
            {{"channel", path}, {"destination", name}, {"reason", started.error().str()}});
    // Without what is open in the store it must not take anything in.
    auto started = running->channel->start(running->deployment, before);
    if (!started) return started.error();
  }
  for (auto& [path, running] : channels_)
    if (auto listening = listen(path, *running); !listening) left_out(path, listening.error());
  return Done{};
}

Status RunningChannels::listen(const std::string& path, Running& running) {
  if (!running.source) return Done{};
  auto started = running.source->start(*running.channel);
  running.listens = started.ok();
  if (started)
    ports_.log.info("channel.started", {{"channel", path}, {"listens", running.source->address()}});
  return started;
}

void RunningChannels::listen_again() {
  for (auto& [path, running] : channels_)
    if (running->source && !running->listens && listen(path, *running)) --failed_;
}

Status RunningChannels::make(Running& running, const config::ChannelConfig& config) {
  auto id = registry_.channel(config.path);
  if (!id) return id.error();
  store::ChannelRetention retention;
  retention.content_days = static_cast<std::int16_t>(config.retention.content_days);
  retention.lineage_days = static_cast<std::int16_t>(config.retention.lineage_days);
  if (auto set = registry_.set_retention(*id, retention); !set) return set.error();
  running.channel = std::make_unique<channel::Channel>(*id, config.path, ports_);
  return make_ends(running, config);
}

Status RunningChannels::make_ends(Running& running, const config::ChannelConfig& config) {
  if (config.source.type != "channel") {
    const auto* kind = connectors::find_kind(config.source.type);
    CHECK(kind && kind->make_source);  // the config has been read with its fields
    auto source = kind->make_source(config.source.settings, {config.path, "source"}, environment_);
    if (!source) return source.error();
    running.source = std::move(*source);
  }
  for (const auto& destination : config.destinations) {
    if (destination.type == "channel") continue;
    const auto* kind = connectors::find_kind(destination.type);
    CHECK(kind && kind->make_sink);
    auto sink =
        kind->make_sink(destination.settings, {config.path, destination.name}, environment_);
    if (!sink) return sink.error();
    running.sinks.emplace(destination.name, std::move(*sink));
  }
  return Done{};
}

/// The number of the current deployment if it is of this very revision, else of a new one.
Result<DeploymentId> RunningChannels::deployment_number(ChannelId id,
                                                        const config::ChannelConfig& config) {
  store::Revision revision;
  revision.channel = id;
  revision.hash = config.revision_hash;
  revision.files = config.text;
  for (const auto& [name, text] : config.scripts) revision.files += "\n--- " + name + "\n" + text;
  auto number = registry_.add_revision(revision);
  if (!number) return number.error();
  auto current = registry_.current_deployment(id);
  if (!current) return current.error();
  if (*current && (*current)->revision == *number) return (*current)->id;
  store::DeploymentEntry entry;
  entry.channel = id;
  entry.revision = *number;
  return registry_.add_deployment(entry);
}

Result<std::shared_ptr<channel::Deployment>> RunningChannels::make_deployment(
    Running& running, const config::ChannelConfig& config) {
  auto deployment = std::make_shared<channel::Deployment>();
  const auto id = running.channel->id();
  auto deployed = deployment_number(id, config);
  if (!deployed) return deployed.error();
  deployment->id = *deployed;
  deployment->source = running.source.get();
  if (config.order_by == "none") {
    deployment->keys.order = channel::Order::None;
  } else if (config.order_by != "channel") {
    auto path = hl7v2::parse_path(config.order_by);
    if (!path) return path.error();
    deployment->keys.order = channel::Order::Keyed;
    deployment->keys.merges = channel::standard_merges(*path);
    deployment->keys.order_by = std::move(*path);
  }
  for (const auto& text : config.search) {
    auto path = hl7v2::parse_path(text);
    if (!path) return path.error();
    deployment->keys.search.push_back(std::move(*path));
  }
  deployment->keys.duplicates = config.duplicates != config::Duplicates::Off;
  deployment->duplicates = config.duplicates;
  deployment->reply = config.reply;
  deployment->queue_max = config.queue_max;
  if (!config.stages.empty()) deployment->on_error = config.stages.front().script.on_error;
  auto settings = pipeline::pipeline_settings(config);
  settings.staging = &ports_.staging;
  auto transformation = pipeline::make_pipeline(std::move(settings));
  if (!transformation) return transformation.error();
  deployment->transformation = std::move(*transformation);
  for (const auto& from : config.destinations) {
    channel::Destination destination;
    destination.name = from.name;
    destination.policy = from.policy;
    auto number = registry_.destination(id, from.name);
    if (!number) return number.error();
    destination.id = *number;
    if (from.type == "channel") {
      auto target = channels_.find(from.channel);
      if (target == channels_.end())
        return Error{ErrorKind::NotFound, config.path,
                     "the channel \"" + from.channel + "\" is not there"};
      destination.target = target->second->channel.get();
    } else {
      destination.sink = running.sinks.at(from.name).get();
      running.paused[from.name] = from.policy.paused;
      destination.policy.paused = from.policy.paused || held_;
    }
    deployment->destinations.push_back(std::move(destination));
  }
  return deployment;
}

void RunningChannels::stop(Milliseconds grace) {
  for (auto& [path, running] : channels_)
    if (running->source) running->source->stop(grace);
  for (auto& [path, running] : channels_) running->channel->stop();
  for (auto& [path, running] : channels_)
    for (auto& [name, sink] : running->sinks) sink->stop(grace);
  catch_up();
}

void RunningChannels::hold_sending(bool held) {
  if (held_ == held) return;
  held_ = held;
  for (auto& [path, running] : channels_)
    for (const auto& [name, paused] : running->paused)
      if (auto done = running->channel->pause_destination(name, held || paused); !done)
        ports_.log.warn("hold.not_changed", {{"channel", path}, {"destination", name}});
}

void RunningChannels::catch_up() {
  for (auto& [path, running] : channels_) running->channel->catch_up();
}

std::vector<RunningChannels::Line> RunningChannels::addresses() const {
  std::vector<Line> lines;
  for (const auto& [path, running] : channels_) {
    if (running->source && running->listens)
      lines.push_back({path, "listens on", running->source->address()});
    for (const auto& [name, sink] : running->sinks)
      lines.push_back({path, "sends to", sink->address()});
  }
  return lines;
}

std::vector<channel::Channel*> RunningChannels::channels() const {
  std::vector<channel::Channel*> all;
  for (const auto& [path, running] : channels_) all.push_back(running->channel.get());
  return all;
}

}  // namespace causeway
