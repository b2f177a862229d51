#include "engine/main/deployments.h"

#include "engine/config/lint.h"
#include "engine/main/channel_files.h"
#include "engine/main/revision_files.h"

namespace causeway {
namespace {

using channel::Change;
using channel::ChannelFiles;
using channel::DeployResult;
using channel::Dry;
using channel::Force;
using channel::PartState;
using channel::Who;

constexpr std::size_t author_bytes_max = 200;
constexpr std::size_t comment_bytes_max = 4000;

DeployResult refused(const std::string& path, std::string problem) {
  DeployResult result;
  result.path = path;
  result.problems.push_back(std::move(problem));
  return result;
}

/// Parsed and checked; or why not.
Result<config::ChannelConfig> read(const ChannelFiles& channel,
                                   const config::EnvironmentValues& environment,
                                   std::vector<std::string>& problems) {
  if (auto good = check_files(channel.files); !good) return good.error();
  config::Problems found;
  auto config = read_files(channel.path, channel.files, &environment, found);
  config::lint_declaration(config, channel.path, found);
  config::lint_scripts(config, channel.path, found);
  for (const auto& problem : found.list) problems.push_back(problem.str());
  if (found.errors() > 0) return Error{ErrorKind::Invalid, channel.path, "it has problems"};
  return config;
}

}  // namespace

Deployments::Deployments(RunningChannels& running, store::Revisions& revisions,
                         config::EnvironmentValues environment, Log& log, BeforeOf before_of)
    : running_(running),
      revisions_(revisions),
      environment_(std::move(environment)),
      log_(log),
      before_of_(std::move(before_of)) {}

std::vector<DeployResult> Deployments::deploy(std::vector<ChannelFiles> channels, const Who& who,
                                              Dry dry, Force force) {
  std::lock_guard deploying(deploying_);
  std::vector<DeployResult> results;
  std::map<std::string, Planned> planned;
  for (const auto& channel : channels) {
    std::vector<std::string> problems;
    auto config = read(channel, environment_, problems);
    if (config) {
      planned[channel.path].config = std::move(*config);
    } else {
      results.push_back(refused(channel.path, config.error().text));
      if (!problems.empty()) results.back().problems = std::move(problems);
    }
  }
  auto order = by_hops(planned);
  for (const auto& path : order.in_circle) results.push_back(refused(path, in_circle));
  Set set;
  for (auto* next : order.in_order) {
    results.push_back(deploy_one(std::move(next->config), who, dry, force, set));
    if (results.back().change != Change::Refused) set.accepted.insert(results.back().path);
  }
  return results;
}

DeployResult Deployments::deploy_one(config::ChannelConfig config, const Who& who, Dry dry,
                                     Force force, Set& set) {
  DeployResult result;
  result.path = config.path;
  auto candidate = running_.prepare(std::move(config), environment_, force, set.accepted);
  if (!candidate) return refused(result.path, candidate.error().str());
  result.notes = candidate->notes;
  auto& version = *candidate->version;
  if (candidate->is_unchanged) {
    result.change = Change::Unchanged;
    result.revision = running_.version(result.path)->revision;
    return result;
  }
  result.change = candidate->is_new ? Change::Added : Change::Changed;
  if (dry == Dry::Yes) return result;
  auto known = running_.number(result.path);
  if (!known) return refused(result.path, known.error().str());
  auto past = revisions_.history(*known, {}, 1);
  if (!past) return refused(result.path, past.error().str());
  candidate->is_first = past->empty();
  if (candidate->is_new && !set.before) {
    auto before = before_of_();
    if (!before) return refused(result.path, before.error().str());
    set.before = std::move(*before);
  }
  auto switched = running_.switch_to(
      *candidate, [&](ChannelId id) { return record(version, id, who); },
      set.before.value_or(channel::Channel::Before{}), RunningChannels::Listening::Required);
  if (!switched) return refused(result.path, switched.error().str());
  result.revision = version.revision;
  log_.info("channel.deployed", {{"channel", result.path},
                                 {"revision", std::to_string(version.revision)},
                                 {"author", who.author}});
  return result;
}

/// The rows that say so: a revision, if there is none of these files yet, and a deployment.
Result<DeploymentId> Deployments::record(ChannelVersion& version, ChannelId id, const Who& who) {
  const auto author = who.author.substr(0, author_bytes_max);
  const auto comment = who.comment.substr(0, comment_bytes_max);
  store::Revision made;
  made.channel = id;
  if (auto before = running_.version(version.config.path)) made.parent = before->revision;
  made.hash = version.config.revision_hash;
  made.author = author;
  made.comment = comment;
  made.files = pack(files_of(version.config));
  auto number = revisions_.add(made);
  if (!number) return number.error();
  store::DeploymentEntry entry;
  entry.channel = id;
  entry.revision = *number;
  entry.environment = pack(version.environment);
  entry.author = author;
  entry.comment = comment;
  auto deployed = revisions_.deploy(entry);
  if (!deployed) return deployed.error();
  version.revision = *number;
  version.author = author;
  version.comment = comment;
  version.deployed_at = deployed->at;
  return deployed->id;
}

DeployResult Deployments::roll_back(const std::string& path, std::int32_t revision, const Who& who,
                                    Force force) {
  auto before = files(path, revision);
  if (!before) return refused(path, before.error().str());
  auto why = who;
  if (why.comment.empty()) why.comment = "rolled back to revision " + std::to_string(revision);
  return deploy({std::move(*before)}, why, Dry::No, force).front();
}

Status Deployments::undeploy(const std::string& path, const Who& who, Force force) {
  std::lock_guard deploying(deploying_);
  auto record = [&](ChannelId id) -> Result<DeploymentId> {
    store::DeploymentEntry entry;
    entry.channel = id;
    entry.author = who.author.substr(0, author_bytes_max);
    entry.comment = who.comment.substr(0, comment_bytes_max);
    auto recorded = revisions_.deploy(entry);
    if (!recorded) return recorded.error();
    return recorded->id;
  };
  auto done = running_.undeploy(path, record, force);
  if (done) log_.info("channel.undeployed", {{"channel", path}, {"author", who.author}});
  return done;
}

Status Deployments::switch_part(const std::string& path, const std::string& part, PartState to,
                                const Who& who, Force force) {
  if (to == PartState::Failed)
    return Error{ErrorKind::Invalid, path, "a part can be started, paused or stopped"};
  const auto switched = to == PartState::Started  ? store::Switched::On
                        : to == PartState::Paused ? store::Switched::Paused
                                                  : store::Switched::Off;
  return running_.switch_part(path, part, switched, who.author.substr(0, author_bytes_max), force);
}

std::vector<channel::ChannelView> Deployments::list() {
  return running_.views();
}

Result<channel::ChannelView> Deployments::show(const std::string& path) {
  return running_.view(path);
}

Result<std::vector<channel::DeploymentView>> Deployments::history(const std::string& path,
                                                                  std::int32_t before,
                                                                  std::size_t rows) {
  auto id = running_.number(path);
  if (!id) return id.error();
  auto past = revisions_.history(*id, DeploymentId{before}, rows);
  if (!past) return past.error();
  std::vector<channel::DeploymentView> views;
  for (const auto& each : *past)
    views.push_back({each.deployment.id.value, each.deployment.revision, each.revision.parent,
                     each.revision.hash, each.deployment.author, each.deployment.comment,
                     each.deployment.at});
  return views;
}

Result<ChannelFiles> Deployments::files(const std::string& path, std::int32_t revision) {
  auto id = running_.number(path);
  if (!id) return id.error();
  if (revision == 0) {
    auto version = running_.version(path);
    if (!version) return Error{ErrorKind::NotFound, path, "no such channel is deployed"};
    return ChannelFiles{path, files_of(version->config)};
  }
  auto stored = revisions_.revision(*id, revision);
  if (!stored) return stored.error();
  auto files = unpack(stored->files);
  if (!files) return files.error();
  return ChannelFiles{path, std::move(*files)};
}

}  // namespace causeway
