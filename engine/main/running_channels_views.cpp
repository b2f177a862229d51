// RunningChannels: what is shown of them.
#include "engine/main/running_channel.h"

namespace causeway {
namespace {

using channel::PartState;
using store::Switched;

PartState state_of(Switched to) {
  switch (to) {
    case Switched::On:
      return PartState::Started;
    case Switched::Paused:
      return PartState::Paused;
    case Switched::Off:
      return PartState::Stopped;
  }
  return PartState::Failed;
}

}  // namespace

channel::ChannelView RunningChannels::view(const Running& running) const {
  auto state = [&](std::int32_t part) {
    auto at = switches_.find({running.id, part});
    return at == switches_.end() ? Switched::On : at->second;
  };
  const auto& version = *running.version;
  const auto figures = running.channel.figures();
  channel::ChannelView view;
  view.path = running.channel.path();
  view.revision = version.revision;
  view.author = version.author;
  view.comment = version.comment;
  view.deployed_at = version.deployed_at;
  view.received = figures.received;
  view.received_per_minute = running.per_minute;
  view.last_received = figures.last_received;
  view.queued_runs = figures.runs.in_memory;
  view.more_runs_on_disk = figures.runs.overflows;
  view.oldest_waiting = figures.oldest;
  view.state = state_of(state(store::whole_channel));
  if (!running.failure.empty()) {
    view.state = PartState::Failed;
    view.why = running.failure;
  }
  if (version.source) {
    channel::PartView part{
        "source",
        state_of(std::max(state(store::whole_channel), state(store::source_part))),
        version.source->failure,
        version.source->source->address(),
        0,
        false};
    if (!part.why.empty()) {
      part.state = PartState::Failed;
      view.state = PartState::Failed;
      view.why = "source: " + part.why;
    }
    view.parts.push_back(std::move(part));
  }
  for (const auto& destination : version.deployment->destinations) {
    channel::PartView part;
    part.name = destination.name;
    if (destination.target) {
      const auto* config = version.config.find_destination(destination.name);
      part.address = "channel " + (config ? config->channel : "");
      view.parts.push_back(std::move(part));
      continue;
    }
    part.state = state_of(state(destination.id.value));
    if (state(store::whole_channel) == Switched::Off) part.state = PartState::Stopped;
    auto sink = version.sinks.find(destination.name);
    if (sink != version.sinks.end()) part.address = sink->second->sink->address();
    auto queue = figures.destinations.find(destination.name);
    if (queue != figures.destinations.end()) {
      part.queued = queue->second.in_memory;
      part.more_on_disk = queue->second.overflows;
      if (queue->second.down) part.why = "it is down, and tried again";
      if (part.state == PartState::Started && queue->second.paused) {
        part.state = PartState::Paused;
        const auto* config = version.config.find_destination(destination.name);
        const bool asleep = config && !config->sends.allow(ports_.clock.now());
        part.why =
            asleep ? "outside of its sending hours, or in maintenance" : "by its declaration";
      }
    }
    if (destination.leaving) part.why = "removed; what is on its way is still sent";
    view.parts.push_back(std::move(part));
  }
  return view;
}

std::vector<channel::ChannelView> RunningChannels::views() const {
  std::lock_guard lock(mutex_);
  std::vector<channel::ChannelView> all;
  for (const auto& [path, running] : running_)
    if (running->version) all.push_back(view(*running));
  return all;
}

Result<channel::ChannelView> RunningChannels::view(const std::string& path) const {
  std::lock_guard lock(mutex_);
  auto at = running_.find(path);
  if (at == running_.end() || !at->second->version)
    return Error{ErrorKind::NotFound, path, "no such channel is deployed"};
  return view(*at->second);
}

}  // namespace causeway
