#include "engine/main/running_channels.h"

#include <algorithm>

#include "engine/main/running_channel.h"

namespace causeway {
namespace {

using store::Switched;

constexpr auto listen_again_after = std::chrono::seconds(5);
constexpr auto sample_every = std::chrono::seconds(10);
/// Marks of idle channels follow in turn: often with few channels, bounded in work with many.
constexpr std::size_t catch_up_at_once = 8;

}  // namespace

RunningChannels::RunningChannels(const channel::Ports& ports,
                                 const connectors::Environment& environment,
                                 PipelineEnvironment pipelines, store::Registry& registry,
                                 store::Revisions& revisions)
    : ports_(ports),
      environment_(environment),
      pipelines_(std::move(pipelines)),
      registry_(registry),
      revisions_(revisions) {}

RunningChannels::~RunningChannels() = default;

Status RunningChannels::load() {
  std::lock_guard changing(changing_);
  auto channels = registry_.channels();
  if (!channels) return channels.error();
  auto destinations = registry_.destinations();
  if (!destinations) return destinations.error();
  auto switches = revisions_.switches();
  if (!switches) return switches.error();
  for (auto& entry : *channels) entries_.emplace(entry.path, entry);
  for (auto& entry : *destinations) numbers_[{entry.channel, entry.name}] = entry.id;
  std::lock_guard lock(mutex_);
  switches_ = std::move(*switches);
  return Done{};
}

RunningChannels::Running* RunningChannels::find(const std::string& path) const {
  std::lock_guard lock(mutex_);
  auto at = running_.find(path);
  return at == running_.end() ? nullptr : at->second.get();
}

Result<RunningChannels::Running*> RunningChannels::find_or_make(const std::string& path) {
  if (auto* running = find(path)) return running;
  auto known = entries_.find(path);
  if (known == entries_.end()) {
    auto number = registry_.channel(path);
    if (!number) return number.error();
    known = entries_.emplace(path, store::ChannelEntry{*number, path, {}}).first;
  }
  auto running = std::make_unique<Running>(known->second.id, path, ports_);
  std::lock_guard lock(mutex_);
  return (running_[path] = std::move(running)).get();
}

Status RunningChannels::keep_for(ChannelId id, const config::ChannelConfig& config) {
  auto& entry = entries_.at(config.path);
  auto wanted = entry.retention;
  wanted.content_days = static_cast<std::int16_t>(config.retention.content_days);
  wanted.lineage_days = static_cast<std::int16_t>(config.retention.lineage_days);
  if (wanted == entry.retention) return Done{};
  if (auto set = registry_.set_retention(id, wanted); !set) return set;
  entry.retention = wanted;
  return Done{};
}

Result<DestinationId> RunningChannels::destination_number(ChannelId id, const std::string& name) {
  auto known = numbers_.find({id, name});
  if (known != numbers_.end()) return known->second;
  auto number = registry_.destination(id, name);
  if (number) numbers_[{id, name}] = *number;
  return number;
}

Switched RunningChannels::switched(ChannelId id, std::int32_t part) const {
  std::lock_guard lock(mutex_);
  auto at = switches_.find({id, part});
  return at == switches_.end() ? Switched::On : at->second;
}

Switched RunningChannels::source_is_to(const Running& running) const {
  return std::max(switched(running.id, store::whole_channel),
                  switched(running.id, store::source_part));
}

Status RunningChannels::switch_part(const std::string& path, const std::string& part, Switched to,
                                    const std::string& author, channel::Force force) {
  std::lock_guard changing(changing_);
  auto* running = find(path);
  if (!running || !running->version)
    return Error{ErrorKind::NotFound, path, "no such channel is deployed"};
  store::SwitchKey key{running->id, store::whole_channel};
  if (part == "source") {
    if (!running->version->source)
      return Error{ErrorKind::NotFound, path, "it has no source of its own: channels hop to it"};
    key.part = store::source_part;
  } else if (!part.empty()) {
    if (!running->version->sinks.contains(part))
      return Error{ErrorKind::NotFound, path, "no destination is named \"" + part + "\""};
    key.part = numbers_.at({running->id, part}).value;
  } else if (force == channel::Force::No) {
    if (auto may = check_hops(*running, to); !may) return may;
  }
  if (auto set = revisions_.set_switch(key, to, author); !set) return set;
  {
    std::lock_guard lock(mutex_);
    switches_[key] = to;
  }
  ports_.log.info("channel.switched",
                  {{"channel", path}, {"part", part.empty() ? "all" : part}, {"author", author}});
  if (key.part > 0 && to == Switched::Off) return stop_destination(*running, part);
  return follow_switches(*running);
}

/// Nothing is lost either way (messages wait in the channel that is hopped to), but a person who
/// stops one of them may not know of the other.
Status RunningChannels::check_hops(const Running& running, Switched to) const {
  const auto& path = running.channel.path();
  if (to == Switched::Off) {
    std::string names;
    for (const auto& other : hopping_to(path))
      if (switched(find(other)->id, store::whole_channel) != Switched::Off)
        names += (names.empty() ? "" : ", ") + other;
    if (names.empty()) return Done{};
    return Error{ErrorKind::Conflict, path,
                 names + " hops to it: stop that first, or force it, and its messages wait here"};
  }
  for (const auto& destination : running.version->config.destinations) {
    if (destination.type != "channel") continue;
    auto* target = find(destination.channel);
    if (target && switched(target->id, store::whole_channel) == Switched::Off)
      return Error{ErrorKind::Conflict, path,
                   "it hops to " + destination.channel +
                       ", which is stopped: start that first, or force it"};
  }
  return Done{};
}

Status RunningChannels::follow_switches(Running& running) {
  for (auto& [name, end] : running.version->sinks)
    if (auto started = end->sink->start(); !started) return started.error();
  if (auto renewed = renew(running); !renewed) return renewed;
  auto source = running.version->source;
  if (!source) return Done{};
  const bool off = source_is_to(running) == Switched::Off;
  if (off && source->listens) {
    source->source->stop(stop_grace);
    std::lock_guard lock(mutex_);
    source->listens = false;
  }
  if (off) {
    std::lock_guard lock(mutex_);
    source->failure.clear();
    return Done{};
  }
  if (source->listens) {
    source->source->pause(source_is_to(running) == Switched::Paused);
    return Done{};
  }
  return listen_now(running, *source);
}

Status RunningChannels::listen_now(Running& running, SourceEnd& source) {
  auto started = source.source->start(source.gate);
  {
    std::lock_guard lock(mutex_);
    source.listens = started.ok();
    source.failure = started ? "" : started.error().str();
  }
  running.listen_again = ports_.clock.steady() + listen_again_after;
  if (started) source.source->pause(source_is_to(running) == Switched::Paused);
  return started;
}

Status RunningChannels::hold_sending(bool held) {
  std::lock_guard changing(changing_);
  held_ = held;
  std::vector<Running*> all;
  {
    std::lock_guard lock(mutex_);
    for (auto& [path, running] : running_)
      if (running->version) all.push_back(running.get());
  }
  for (auto* running : all)
    if (auto renewed = renew(*running); !renewed) return renewed;
  return Done{};
}

void RunningChannels::stop(Milliseconds grace) {
  std::lock_guard changing(changing_);
  std::vector<Running*> all;
  {
    std::lock_guard lock(mutex_);
    for (auto& [path, running] : running_) all.push_back(running.get());
  }
  for (auto* running : all)
    if (running->version && running->version->source) running->version->source->source->stop(grace);
  for (auto* running : all) running->channel.stop();
  retired_.stop(grace);
  for (auto* running : all) {
    for (auto& leaving : running->leaving) leaving.sink->sink->stop(grace);
    if (!running->version) continue;
    for (auto& [name, end] : running->version->sinks) end->sink->stop(grace);
  }
  for (auto* running : all) running->channel.catch_up();
}

void RunningChannels::tick() {
  retired_.sweep();
  catch_up_some();
  std::unique_lock changing(changing_, std::try_to_lock);
  if (!changing) return;  // the next tick will do
  std::vector<Running*> all;
  {
    std::lock_guard lock(mutex_);
    for (auto& [path, running] : running_)
      if (running->version) all.push_back(running.get());
  }
  for (auto* running : all) look_after(*running);
}

void RunningChannels::look_after(Running& running) {
  const auto now = ports_.clock.steady();
  if (!running.leaving.empty()) drop_left(running);
  auto& source = running.version->source;
  if (source && !source->failure.empty() && now >= running.listen_again &&
      listen_now(running, *source))
    ports_.log.info("channel.listens", {{"channel", running.channel.path()}});
  follow_sending_times(running);
  if (now < running.sampled + sample_every) return;
  const auto received = running.channel.figures().received;
  std::lock_guard lock(mutex_);
  if (running.sampled != SteadyTime{})
    running.per_minute = static_cast<double>(received - running.received_then) * 60.0 /
                         std::chrono::duration<double>(now - running.sampled).count();
  running.received_then = received;
  running.sampled = now;
}

/// Destinations are paused and go on as their times say.
void RunningChannels::follow_sending_times(Running& running) {
  std::set<std::string> shut;
  for (const auto& destination : running.version->config.destinations)
    if (!destination.sends.allow(ports_.clock.now())) shut.insert(destination.name);
  if (shut == running.shut) return;
  if (auto renewed = renew(running); !renewed) return;  // the next tick tries again
  ports_.log.info("channel.sending_times",
                  {{"channel", running.channel.path()}, {"shut", std::to_string(shut.size())}});
  running.shut = std::move(shut);
}

void RunningChannels::catch_up_some() {
  std::vector<channel::Channel*> turn;
  {
    std::lock_guard lock(mutex_);
    auto at = running_.lower_bound(next_to_catch_up_);
    for (std::size_t i = 0; i < std::min(catch_up_at_once, running_.size()); ++i) {
      if (at == running_.end()) at = running_.begin();
      turn.push_back(&at->second->channel);
      ++at;
    }
    next_to_catch_up_ = at == running_.end() ? "" : at->first;
  }
  for (auto* channel : turn) channel->catch_up();
}

Result<ChannelId> RunningChannels::number(const std::string& path) {
  std::lock_guard changing(changing_);
  auto at = entries_.find(path);
  if (at == entries_.end())
    return Error{ErrorKind::NotFound, path, "no channel of this path has been deployed"};
  return at->second.id;
}

std::map<std::string, ChannelId> RunningChannels::numbers() {
  std::lock_guard changing(changing_);
  std::map<std::string, ChannelId> all;
  for (const auto& [path, entry] : entries_) all.emplace(path, entry.id);
  return all;
}

bool RunningChannels::is_deployed(const std::string& path) const {
  return version(path) != nullptr;
}

std::shared_ptr<const ChannelVersion> RunningChannels::version(const std::string& path) const {
  std::lock_guard lock(mutex_);
  auto at = running_.find(path);
  return at == running_.end() ? nullptr : at->second->version;
}

std::vector<std::string> RunningChannels::hopping_to(const std::string& path) const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, running] : running_) {
    if (!running->version) continue;
    const auto& destinations = running->version->config.destinations;
    if (std::any_of(destinations.begin(), destinations.end(), [&](const auto& destination) {
          return destination.type == "channel" && destination.channel == path;
        }))
      names.push_back(name);
  }
  return names;
}

std::vector<channel::Channel*> RunningChannels::channels() const {
  std::lock_guard lock(mutex_);
  std::vector<channel::Channel*> all;
  for (const auto& [path, running] : running_)
    if (running->version) all.push_back(&running->channel);
  return all;
}

std::size_t RunningChannels::failed() const {
  std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [path, running] : running_) {
    const auto& version = running->version;
    const bool deaf = version && version->source && !version->source->failure.empty();
    if (deaf || !running->failure.empty()) ++count;
  }
  return count;
}

}  // namespace causeway
