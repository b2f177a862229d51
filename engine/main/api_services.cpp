#include "engine/main/api_services.h"

#include <future>

#include "engine/api/json_text.h"
#include "engine/api/message_query.h"
#include "engine/api/replay_json.h"

namespace causeway {
namespace {

security::Audit::Place audit_place(const ApiServices::Parts& parts) {
  return {parts.node, audit_key_file(parts.data_folder), audit_heads_file(parts.data_folder)};
}

}  // namespace

std::filesystem::path audit_key_file(const std::filesystem::path& data_folder) {
  return data_folder / "keys" / "audit.key";
}

std::filesystem::path audit_heads_file(const std::filesystem::path& data_folder) {
  return data_folder / "audit.heads";
}

Result<std::unique_ptr<ApiServices>> ApiServices::make(Parts parts) {
  auto audit =
      security::Audit::open(parts.store.audit(), audit_place(parts), parts.clock, parts.log);
  if (!audit) return audit.error();
  return std::unique_ptr<ApiServices>(new ApiServices(std::move(parts), std::move(*audit)));
}

Result<security::AuditVerdict> ApiServices::verify() {
  return security::verify_audit(parts_.store.audit(), audit_heads_file(parts_.data_folder),
                                audit_->public_key());
}

ApiServices::ApiServices(Parts parts, std::unique_ptr<security::Audit> audit)
    : parts_(std::move(parts)),
      names_(parts_.store.registry()),
      identity_(parts_.store.identity(), parts_.store.keyed_hash(), parts_.clock),
      audit_(std::move(audit)),
      mending_(parts_.store.work(), channel::commit_of(parts_.store.journal()),
               parts_.find_channel),
      holding_(parts_.store.holds(), parts_.store.work(), parts_.find_channel),
      replays_({parts_.store.replays(), parts_.store.staging(), mending_, parts_.clock, parts_.log,
                parts_.find_channel,
                [this](const std::string& selection, MessageId before) {
                  return find_originals(selection, before);
                },
                [&past = parts_.past_runs](MessageId id) { return past.original(id); },
                [this](const ReplayTask& task) { tell_replay(task); }}),
      uploads_(parts_.store.staging(), parts_.clock),
      services_{parts_.clock,
                parts_.log,
                parts_.metrics,
                events_,
                {names_, parts_.store.search(), parts_.store.messages(), parts_.store.queues(),
                 parts_.store.work(), parts_.store.holds(),
                 [&staging = parts_.store.staging()](BodyId body, std::uint64_t offset,
                                                     std::size_t bytes) {
                   return staging.read(body, offset, bytes);
                 }},
                identity_,
                *audit_,
                parts_.store.audit(),
                [this] { return verify(); },
                mending_,
                holding_,
                [this] { return components(); },
                parts_.before_metrics,
                parts_.channels,
                {parts_.store.replays(), [this] { replays_.wake(); },
                 [&past = parts_.past_runs](MessageId id, const ReplayPlan& plan) {
                   return past.try_run(id, plan);
                 }},
                parts_.store.failures(),
                parts_.alerting,
                [this](const std::string& channel, Draft draft) {
                  return offer(channel, std::move(draft));
                },
                uploads_,
                [&staging = parts_.store.staging()](std::string_view content) {
                  return channel::kept_content(staging, content);
                }} {}

Result<Receipt> ApiServices::offer(const std::string& path, Draft draft) {
  channel::Channel* channel = nullptr;
  for (const auto& [id, name] : names_.channels())
    if (name == path) channel = parts_.find_channel(id);
  if (!channel) return Error{ErrorKind::NotFound, path, "the channel does not run"};
  auto answer = std::make_shared<std::promise<Result<Receipt>>>();
  auto answered = answer->get_future();
  channel->accept(std::move(draft),
                  [answer](const Result<Receipt>& receipt) { answer->set_value(receipt); }, {});
  return answered.get();
}

Result<channel::ReplayRunner::Found> ApiServices::find_originals(const std::string& selection,
                                                                 MessageId before) {
  auto query = api::read_query_text(selection);
  if (!query) return query.error();
  if (before) query->after = to_string(before);
  auto search = api::search_request(names_, *query, parts_.clock.now());
  if (!search) return search.error();
  search->rows = store::SearchRequest::rows_max;
  auto page = parts_.store.search().find(*search);
  if (!page) return page.error();
  channel::ReplayRunner::Found found{{}, page->next};
  for (const auto& each : page->found) found.messages.push_back(each.message.id);
  return found;
}

void ApiServices::tell(const std::deque<channel::FailureLog::Notice>& notices) {
  for (const auto& notice : notices) {
    const auto channel = names_.channel(notice.queue.channel);
    api::JsonText json;
    json.begin_object().member("channel", channel);
    json.member("destination", names_.destination(notice.queue.destination));
    json.member("message", to_string(notice.message)).member("kind", to_string(notice.kind));
    json.member("cause", api::cause_text(notice.cause)).end_object();
    const auto data = json.take();
    events_.publish({"message.failed", channel, data});
    if (notice.holds_lane) events_.publish({"lane.held", channel, data});
  }
}

void ApiServices::tell_replay(const ReplayTask& task) {
  events_.publish({"replay.changed", task.channel, api::replay_json(task, {}, false)});
}

std::vector<api::Component> ApiServices::components() {
  const auto begun = parts_.clock.steady();
  const auto asked = parts_.store.work().low_waters();
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(parts_.clock.steady() - begun);
  const bool leased = parts_.store.journal().holds_lease();
  const auto trouble = parts_.channels_trouble();
  return {{"store", asked.ok(), asked.ok() ? "" : "the database doesn't answer", took},
          {"lease", leased, leased ? "" : "another engine may own this node's work", {}},
          {"channels", trouble.empty(), trouble, {}}};
}

}  // namespace causeway
