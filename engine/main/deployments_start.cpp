// Deployments: what an engine runs at its start.
#include "engine/main/channel_files.h"
#include "engine/main/deployments.h"
#include "engine/main/revision_files.h"

namespace causeway {
namespace {

const channel::Who from_the_folder{"serve", ""};

enum class Mark : std::uint8_t { New, Open, Done, InCircle };

}  // namespace

Status Deployments::start(const std::optional<Folder>& folder,
                          const channel::Channel::Before& before) {
  std::lock_guard deploying(deploying_);
  auto planned = plan(folder);
  if (!planned) return planned.error();
  auto order = by_hops(*planned);
  for (const auto& path : order.in_circle) left_out(path, {ErrorKind::Invalid, "", in_circle});
  for (auto* next : order.in_order)
    if (auto started = start_one(*next, before); !started) return started;
  return Done{};
}

void Deployments::left_out(const std::string& path, const Error& error) {
  ++not_started_;
  log_.error("channel.not_started", {{"channel", path}, {"reason", error.str()}});
}

Status Deployments::start_one(Planned& planned, const channel::Channel::Before& before) {
  const auto path = planned.config.path;
  auto candidate =
      running_.prepare(std::move(planned.config), environment_, channel::Force::Yes, {});
  if (!candidate && candidate.error().kind != ErrorKind::Unavailable) {
    left_out(path, candidate.error());
    return Done{};
  }
  if (!candidate) return candidate.error();
  candidate->is_first = planned.is_first;
  auto& version = *candidate->version;
  auto known = [&](ChannelId id) -> Result<DeploymentId> {
    const auto& recorded = planned.as_recorded;
    // The same revision with other values of the environment is another deployment.
    if (!recorded || recorded->environment != pack(version.environment))
      return record(version, id, from_the_folder);
    version.revision = recorded->revision;
    version.author = recorded->author;
    version.comment = recorded->comment;
    version.deployed_at = recorded->at;
    return recorded->id;
  };
  auto started =
      running_.switch_to(*candidate, known, before, RunningChannels::Listening::IfPossible);
  if (started && version.source && version.source->listens)
    log_.info("channel.started",
              {{"channel", version.config.path}, {"listens", version.source->source->address()}});
  return started;
}

Result<std::map<std::string, Deployments::Planned>> Deployments::plan(
    const std::optional<Folder>& folder) {
  auto current = revisions_.current();
  if (!current) return current.error();
  auto last = revisions_.last_deployed_by(from_the_folder.author);
  if (!last) return last.error();
  std::map<std::string, Planned> planned;
  std::set<std::string> in_folder;
  for (const auto& config : folder ? folder->channels : std::vector<config::ChannelConfig>()) {
    in_folder.insert(config.path);
    auto id = running_.number(config.path);
    auto now = id ? current->find(*id) : current->end();
    auto then = id ? last->find(*id) : last->end();
    const bool as_then = then != last->end() && then->second == config.revision_hash;
    if (now == current->end() || !as_then)
      planned[config.path] = {config, std::nullopt, now == current->end()};
    else if (now->second.revision_hash == config.revision_hash)
      planned[config.path] = {config, now->second, false};
  }
  for (const auto& [path, id] : running_.numbers()) {
    auto now = current->find(id);
    if (now == current->end() || now->second.revision == 0 || planned.contains(path)) continue;
    const bool gone = folder && !in_folder.contains(path) && !folder->broken.contains(path) &&
                      now->second.author == from_the_folder.author;
    if (gone) {
      take_out(path, id);
      continue;
    }
    auto config = stored(path, id, now->second.revision);
    if (config)
      planned[path] = {std::move(*config), now->second, false};
    else
      left_out(path, config.error());
  }
  return planned;
}

/// It was the folder's, and is there no more.
void Deployments::take_out(const std::string& path, ChannelId id) {
  store::DeploymentEntry entry;
  entry.channel = id;
  entry.author = from_the_folder.author;
  entry.comment = "gone from the folder of channels";
  if (auto recorded = revisions_.deploy(entry); !recorded) return left_out(path, recorded.error());
  log_.warn("channel.undeployed", {{"channel", path}, {"reason", entry.comment}});
}

Result<config::ChannelConfig> Deployments::stored(const std::string& path, ChannelId id,
                                                  std::int32_t revision) {
  auto kept = revisions_.revision(id, revision);
  if (!kept) return kept.error();
  auto files = unpack(kept->files);
  if (!files) return files.error();
  config::Problems problems;
  auto config = read_files(path, *files, &environment_, problems);
  if (problems.empty()) return config;
  return Error{ErrorKind::Invalid, path, problems.list.front().str()};
}

Deployments::Order Deployments::by_hops(std::map<std::string, Planned>& planned) {
  Order order;
  std::map<std::string, Mark> marks;
  std::function<bool(const std::string&)> visit = [&](const std::string& path) {
    auto at = planned.find(path);
    if (at == planned.end()) return true;  // what is not of this set is not waited for
    auto& mark = marks[path];
    if (mark == Mark::Open) mark = Mark::InCircle;
    if (mark != Mark::New) return mark == Mark::Done;
    mark = Mark::Open;
    bool good = true;
    for (const auto& destination : at->second.config.destinations)
      if (destination.type == "channel" && !visit(destination.channel)) good = false;
    good = good && marks[path] == Mark::Open;
    marks[path] = good ? Mark::Done : Mark::InCircle;
    if (good)
      order.in_order.push_back(&at->second);
    else
      order.in_circle.insert(path);
    return good;
  };
  for (const auto& [path, each] : planned) visit(path);
  return order;
}

}  // namespace causeway
