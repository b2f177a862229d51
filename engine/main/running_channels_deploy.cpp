// RunningChannels: from one version of a channel to the next.
#include <algorithm>

#include "engine/main/running_channel.h"

namespace causeway {
namespace {

using store::Switched;

/// For deliveries that are on their way to a destination that is removed.
constexpr auto leaving_patience = std::chrono::seconds(10);
/// A replaced sink's tries end by its own time-outs; this is in case it has none.
constexpr auto sink_grace = std::chrono::hours(1);

std::string in_quotes(const std::string& name) {
  return "\"" + name + "\"";
}

/// Deliveries that don't move by themselves: it is down or paused, or some are held or wait.
bool is_stuck(const channel::DeliveryQueue::Figures& queue) {
  return !queue.empty && (queue.down || queue.paused || queue.overflows || queue.behind > 0);
}

/// The journal holds nothing of this channel: it need not be searched.
channel::Channel::Before nothing_before(ChannelId id, const channel::Deployment& deployment,
                                        const channel::Channel::Before& before) {
  channel::Channel::Before nothing;
  nothing.last_message = before.last_message;
  nothing.unclean = before.unclean;
  nothing.low_waters[{id, {}}] = before.last_message;
  for (const auto& destination : deployment.destinations)
    nothing.low_waters[{id, destination.id}] = before.last_message;
  return nothing;
}

}  // namespace

Result<RunningChannels::Candidate> RunningChannels::prepare(
    config::ChannelConfig config, const config::EnvironmentValues& environment,
    channel::Force force, const std::set<std::string>& coming) {
  std::lock_guard changing(changing_);
  for (const auto& destination : config.destinations)
    if (destination.type == "channel" && !is_deployed(destination.channel) &&
        !coming.contains(destination.channel))
      return Error{ErrorKind::NotFound, config.path,
                   "destination " + in_quotes(destination.name) + ": no channel " +
                       in_quotes(destination.channel) + " is deployed"};
  auto running = find_or_make(config.path);
  if (!running) return running.error();
  if (auto may = check_removed(**running, config, force); !may) return may.error();
  const auto* earlier = (*running)->version.get();
  Candidate candidate;
  candidate.is_new = !earlier;
  auto version = make_version(std::move(config), environment, earlier, (*running)->channel,
                              environment_, pipelines_);
  if (!version) return version.error();
  candidate.version = std::move(*version);
  if (!earlier) return candidate;
  const auto& next = *candidate.version;
  candidate.is_unchanged = next.config.revision_hash == earlier->config.revision_hash &&
                           next.environment == earlier->environment &&
                           next.source == earlier->source && next.sinks == earlier->sinks;
  if (next.source != earlier->source) candidate.notes.push_back("source: its settings change");
  for (const auto& [name, sink] : next.sinks) {
    auto before = earlier->sinks.find(name);
    if (before == earlier->sinks.end())
      candidate.notes.push_back("destination " + in_quotes(name) + ": new");
    else if (before->second != sink)
      candidate.notes.push_back("destination " + in_quotes(name) + ": its settings change");
  }
  for (const auto& [name, sink] : earlier->sinks)
    if (!next.sinks.contains(name))
      candidate.notes.push_back("destination " + in_quotes(name) + ": removed");
  return candidate;
}

Status RunningChannels::check_removed(const Running& running, const config::ChannelConfig& config,
                                      channel::Force force) const {
  if (!running.version || force == channel::Force::Yes) return Done{};
  for (const auto& [name, queue] : running.channel.figures().destinations) {
    const auto* still = config.find_destination(name);
    if ((still && still->type != "channel") || !is_stuck(queue)) continue;
    return Error{
        ErrorKind::Conflict, config.path,
        "destination " + in_quotes(name) +
            " is removed, and has open deliveries that don't move; forced, they are parked"};
  }
  return Done{};
}

Result<RunningChannels::Deployment> RunningChannels::build(Running& running,
                                                           const ChannelVersion& version) {
  auto made = deployment_of(version);
  if (!made) return made.error();
  auto deployment = std::make_shared<channel::Deployment>(std::move(*made));
  for (std::size_t i = 0; i < version.config.destinations.size(); ++i) {
    const auto& from = version.config.destinations[i];
    auto& destination = deployment->destinations[i];
    auto number = destination_number(running.id, from.name);
    if (!number) return number.error();
    destination.id = *number;
    const auto to = switched(running.id, number->value);
    destination.policy.paused = held_ || from.policy.paused ||
                                !from.sends.allow(ports_.clock.now()) || to != Switched::On ||
                                switched(running.id, store::whole_channel) == Switched::Off;
    if (to == Switched::Off) destination.sink = nullptr;
    if (from.type == "channel") destination.target = &find(from.channel)->channel;
  }
  for (auto at = numbers_.lower_bound({running.id, ""});
       at != numbers_.end() && at->first.first == running.id; ++at)
    if (!deployment->sends_to(at->second))
      deployment->removed.push_back({.name = at->first.second, .id = at->second, .policy = {}});
  return deployment;
}

/// Destinations that are there no more, and have deliveries on their way.
void RunningChannels::add_leaving(Running& running, channel::Deployment& deployment) {
  std::erase_if(running.leaving, [&](const Running::Leaving& leaving) {
    if (!deployment.sends_to(leaving.destination.id)) return false;
    retire_sink(running, leaving.sink);  // it is back, with another sink
    return true;
  });
  if (running.version) {
    const auto figures = running.channel.figures();
    for (const auto& before : running.version->deployment->destinations) {
      if (!before.sink || before.leaving || deployment.sends_to(before.id)) continue;
      auto queue = figures.destinations.find(before.name);
      if (queue == figures.destinations.end() || is_stuck(queue->second)) continue;
      running.leaving.push_back({before, running.version->sinks.at(before.name),
                                 ports_.clock.steady() + leaving_patience});
      running.leaving.back().destination.leaving = true;
    }
  }
  for (const auto& leaving : running.leaving)
    deployment.destinations.push_back(leaving.destination);
}

void RunningChannels::drop_left(Running& running) {
  const auto figures = running.channel.figures();
  const auto now = ports_.clock.steady();
  std::vector<Running::Leaving> gone;
  std::erase_if(running.leaving, [&](Running::Leaving& leaving) {
    auto queue = figures.destinations.find(leaving.destination.name);
    const bool over =
        queue == figures.destinations.end() || queue->second.empty || now >= leaving.until;
    if (over) gone.push_back(leaving);
    return over;
  });
  if (gone.empty()) return;
  auto without = std::make_shared<channel::Deployment>(*running.version->deployment);
  std::erase_if(without->destinations, [&](const channel::Destination& destination) {
    return destination.leaving && std::any_of(gone.begin(), gone.end(), [&](const auto& leaving) {
             return leaving.destination.id == destination.id;
           });
  });
  use(running, std::move(without));
  for (auto& leaving : gone) retire_sink(running, leaving.sink);
}

Status RunningChannels::switch_to(const Candidate& candidate, const Record& record,
                                  const channel::Channel::Before& before, Listening listening) {
  std::lock_guard changing(changing_);
  auto& version = *candidate.version;
  auto found = find_or_make(version.config.path);
  if (!found) return found.error();
  auto& running = **found;
  if (auto kept = keep_for(running.id, version.config); !kept) return kept;
  auto deployment = build(running, version);
  if (!deployment) return deployment.error();
  Opened opened;
  if (auto status = open(running, version, listening, opened); !status) {
    undo(opened);
    return status;
  }
  auto number = record(running.id);
  if (!number) {
    undo(opened);
    return number.error();
  }
  (*deployment)->id = *number;
  if (!std::exchange(running.was_started, true)) {
    running.users.push_back(*deployment);
    version.deployment = *deployment;
    const auto known =
        candidate.is_first ? nothing_before(running.id, **deployment, before) : before;
    if (auto started = running.channel.start(*deployment, known); !started) {
      undo(opened);
      std::lock_guard lock(mutex_);
      running.failure = started.error().str();
      return started;
    }
    std::lock_guard lock(mutex_);
    running.version = candidate.version;
  } else {
    add_leaving(running, **deployment);
    switch_over(running, candidate.version, std::move(*deployment));
  }
  running.channel.pause_runs(switched(running.id, store::whole_channel) == Switched::Off);
  if (version.source && version.source->listens)
    version.source->source->pause(source_is_to(running) == Switched::Paused);
  if (version.source) version.source->gate.open();
  return Done{};
}

void RunningChannels::switch_over(Running& running, std::shared_ptr<ChannelVersion> next,
                                  Deployment deployment) {
  auto earlier = running.version;
  {
    std::lock_guard lock(mutex_);
    running.version = next;
  }
  use(running, std::move(deployment));
  if (!earlier) return;
  if (earlier->source && earlier->source != next->source) retire_source(running, earlier->source);
  for (const auto& [name, sink] : earlier->sinks) {
    auto now = next->sinks.find(name);
    const bool kept = now != next->sinks.end() && now->second == sink;
    const bool leaving = std::any_of(running.leaving.begin(), running.leaving.end(),
                                     [&](const auto& each) { return each.sink == sink; });
    if (!kept && !leaving) retire_sink(running, sink);
  }
}

void RunningChannels::use(Running& running, std::shared_ptr<const channel::Deployment> deployment) {
  std::erase_if(running.users, [](const auto& user) { return user.expired(); });
  running.users.push_back(deployment);
  {
    std::lock_guard lock(mutex_);
    running.version->deployment = deployment;
  }
  running.channel.deploy(std::move(deployment));
}

Status RunningChannels::open(Running& running, ChannelVersion& version, Listening listening,
                             Opened& opened) {
  for (auto& [name, end] : version.sinks) {
    if (running.version) {
      auto before = running.version->sinks.find(name);
      if (before != running.version->sinks.end() && before->second == end) continue;
    }
    if (auto started = end->sink->start(); !started) return started.error();
    opened.sinks.push_back(end->sink.get());
  }
  auto* earlier = running.version ? running.version->source.get() : nullptr;
  if (!version.source || version.source.get() == earlier) return Done{};
  if (source_is_to(running) == Switched::Off) return Done{};
  auto status = listen(*version.source, earlier, opened);
  std::lock_guard lock(mutex_);
  version.source->listens = status.ok();
  if (status) return status;
  if (listening == Listening::Required) return status;
  version.source->failure = status.error().str();
  ports_.log.error("channel.source_not_started",
                   {{"channel", version.config.path}, {"reason", status.error().str()}});
  return Done{};
}

Status RunningChannels::listen(SourceEnd& source, SourceEnd* earlier, Opened& opened) {
  opened.source = &source;
  if (earlier && source.source->take_over(*earlier->source)) opened.gave = earlier;
  auto started = source.source->start(source.gate);
  if (!started && started.error().kind == ErrorKind::Conflict && earlier && earlier->listens) {
    earlier->source->stop(stop_grace);
    opened.stopped = earlier;
    started = source.source->start(source.gate);
  }
  return started;
}

void RunningChannels::undo(Opened& opened) {
  if (opened.gave) opened.gave->source->take_over(*opened.source->source);
  if (opened.source) opened.source->source->stop(Milliseconds(0));
  if (opened.stopped) {
    auto again = opened.stopped->source->start(opened.stopped->gate);
    std::lock_guard lock(mutex_);
    opened.stopped->listens = again.ok();
    if (!again) opened.stopped->failure = again.error().str();
  }
  for (auto* sink : opened.sinks) sink->stop(Milliseconds(0));
}

void RunningChannels::retire_source(Running& running, std::shared_ptr<SourceEnd> source) {
  auto* stopped = source->source.get();
  retired_.retire(
      std::move(source), [stopped](Milliseconds grace) { stopped->stop(grace); }, stop_grace,
      running.users);
}

void RunningChannels::retire_sink(Running& running, std::shared_ptr<SinkEnd> sink) {
  auto* stopped = sink->sink.get();
  retired_.retire(
      std::move(sink), [stopped](Milliseconds grace) { stopped->stop(grace); }, sink_grace,
      running.users);
}

/// The version that holds, with the switches as they are now.
Status RunningChannels::renew(Running& running) {
  auto deployment = build(running, *running.version);
  if (!deployment) return deployment.error();
  (*deployment)->id = running.version->deployment->id;
  for (const auto& leaving : running.leaving)
    (*deployment)->destinations.push_back(leaving.destination);
  use(running, std::move(*deployment));
  running.channel.pause_runs(switched(running.id, store::whole_channel) == Switched::Off);
  return Done{};
}

/// What its sink has not sent is given back, and waits; a new one is ready for the next start.
Status RunningChannels::stop_destination(Running& running, const std::string& name) {
  auto fresh = make_sink_end(running.version->config,
                             *running.version->config.find_destination(name), environment_);
  if (!fresh) return fresh.error();
  std::shared_ptr<SinkEnd> earlier;
  {
    std::lock_guard lock(mutex_);
    earlier = std::exchange(running.version->sinks.at(name), std::move(*fresh));
  }
  auto renewed = renew(running);
  retire_sink(running, std::move(earlier));
  return renewed;
}

Status RunningChannels::check_idle(const Running& running, channel::Force force) const {
  if (force == channel::Force::Yes) return Done{};
  const auto figures = running.channel.figures();
  std::string open;
  if (figures.accepts_in_flight > 0 || figures.runs.in_memory > 0 || figures.runs.overflows)
    open = "messages that have not been run";
  for (const auto& [name, queue] : figures.destinations)
    if (!queue.empty) open += (open.empty() ? "" : ", ") + ("deliveries to " + in_quotes(name));
  if (open.empty()) return Done{};
  return Error{ErrorKind::Conflict, running.channel.path(),
               "it has open work (" + open +
                   "); stop its source and let it finish, or force it: the work then stays, and "
                   "goes on when the channel is deployed again"};
}

Status RunningChannels::undeploy(const std::string& path, const Record& record,
                                 channel::Force force) {
  std::lock_guard changing(changing_);
  auto* running = find(path);
  if (!running || !running->version)
    return Error{ErrorKind::NotFound, path, "no such channel is deployed"};
  std::string names;
  for (const auto& other : hopping_to(path)) names += (names.empty() ? "" : ", ") + other;
  if (!names.empty()) return Error{ErrorKind::Conflict, path, names + " hops to it"};
  auto version = running->version;
  auto status = check_idle(*running, force);
  const bool listened = status.ok() && version->source && version->source->listens;
  if (listened) version->source->source->stop(stop_grace);
  if (status) status = check_idle(*running, force);  // what came before it stopped
  if (status) {
    auto recorded = record(running->id);
    if (!recorded) status = recorded.error();
  }
  if (!status) {
    if (listened) (void)listen_now(*running, *version->source);
    return status;
  }
  rest(*running);
  return Done{};
}

/// Nothing is run and nothing sent until it is deployed again.
void RunningChannels::rest(Running& running) {
  auto version = running.version;
  auto resting = std::make_shared<channel::Deployment>(*version->deployment);
  for (auto& destination : resting->destinations) destination.sink = nullptr;
  running.channel.pause_runs(true);
  use(running, std::move(resting));
  if (version->source) retire_source(running, version->source);
  for (const auto& [name, sink] : version->sinks) retire_sink(running, sink);
  for (const auto& leaving : running.leaving) retire_sink(running, leaving.sink);
  running.leaving.clear();
  std::lock_guard lock(mutex_);
  running.version = nullptr;
  running.failure.clear();
}

}  // namespace causeway
