#include "engine/api/queue_json.h"

#include "engine/api/json_text.h"

namespace causeway::api {
namespace {

Status add_backlog(WorkReader& reader, MessageId low_water, QueueState& state) {
  const Page page{low_water, MessageId{INT64_MAX}, backlog_counted_max};
  if (!state.queue.destination) {
    auto rows = reader.open_runs(state.queue.channel, page);
    if (!rows) return rows.error();
    state.queued = rows->size();
    if (!rows->empty()) state.oldest = rows->front().message;
    return Done{};
  }
  auto rows = reader.open_deliveries(state.queue, page);
  if (!rows) return rows.error();
  state.queued = rows->size();
  if (!rows->empty()) state.oldest = rows->front().work.message;
  return Done{};
}

/// Every queue of these channels, with work or without.
Result<std::map<WorkQueue, QueueState>> all_queues(const Reads& reads, const QueueQuery& query) {
  if (auto loaded = reads.names.load(); !loaded) return loaded.error();
  std::map<WorkQueue, QueueState> found;
  std::map<ChannelId, bool> wanted;
  for (const auto id : reads.names.channels_in(query.path, query.scopes)) {
    wanted[id] = true;
    found[{id, {}}].queue = {id, {}};
  }
  for (const auto& [id, destination] : reads.names.destinations())
    if (wanted.contains(destination.channel))
      found[{destination.channel, id}].queue = {destination.channel, id};
  auto views = reads.queues.queues();
  if (!views) return views.error();
  for (auto& view : *views)
    if (auto at = found.find(view.queue); at != found.end()) at->second.parts = view.parts;
  auto holds = reads.holds.all();
  if (!holds) return holds.error();
  for (auto& hold : *holds)
    if (auto at = found.find(hold.held.queue); at != found.end())
      at->second.holds.push_back(std::move(hold));
  return found;
}

}  // namespace

Result<std::vector<QueueState>> queues_with_work(const Reads& reads, const QueueQuery& query) {
  auto low_waters = reads.work.low_waters();
  if (!low_waters) return low_waters.error();
  auto queues = all_queues(reads, query);
  if (!queues) return queues.error();
  std::vector<QueueState> found;
  for (auto& [queue, state] : *queues) {
    const auto mark = low_waters->find(queue);
    const auto low_water = mark == low_waters->end() ? MessageId{} : mark->second;
    if (auto added = add_backlog(reads.work, low_water, state); !added) return added.error();
    if (state.queued == 0 && state.parts.empty() && state.holds.empty()) continue;
    if (query.rows > 0 && !state.parts.empty()) {
      auto rows = reads.work.attention(queue, {}, query.rows);
      if (!rows) return rows.error();
      state.rows = std::move(*rows);
    }
    found.push_back(std::move(state));
  }
  return found;
}

namespace {

void add_hold(JsonText& json, const LaneHold& hold, Content content) {
  json.begin_object();
  if (hold.named_by) json.member("lane_of", to_string(hold.named_by));
  json.member("since", hold.since).member("by", hold.by);
  if (content == Content::Shown) json.member("reason", hold.reason);
  json.end_object();
}

config::Fields hold_fields(Content content) {
  config::Fields fields{
      config::text("lane_of", "The message by which the lane was named; none: the whole queue"),
      config::text("since", "Since when").required(), config::text("by", "By whom").required()};
  if (content == Content::Shown) fields.push_back(config::text("reason", "Why"));
  return fields;
}

}  // namespace

std::string queue_json(Names& names, const QueueState& queue, Content content) {
  JsonText json;
  json.begin_object().member("channel", names.channel(queue.queue.channel));
  json.member("destination", names.destination(queue.queue.destination));
  json.member("queued", queue.queued);
  if (queue.queued > 0) json.member("oldest", to_string(queue.oldest));
  json.key("holds").begin_list();
  for (const auto& hold : queue.holds) add_hold(json, hold, content);
  json.end_list().key("parts").begin_list();
  for (const auto& [state, part] : queue.parts) {
    json.begin_object().member("state", to_string(state)).member("count", part.rows);
    json.member("oldest", to_string(part.oldest)).member("since", part.since).end_object();
  }
  json.end_list().key("rows").begin_list();
  for (const auto& row : queue.rows) json.raw(attention_json(names, row, content));
  return json.end_list().end_object().take();
}

config::Fields queue_fields(Content content) {
  return {config::text("channel", "Its path").required(),
          config::text("destination", "Its name; \"run\": what waits for the channel's scripts"),
          config::integer("queued", "Waiting for nothing but their turn; counted up to 10000"),
          config::text("oldest", "The oldest message of these"),
          config::object_list("holds", "What persons have stopped", hold_fields(content)),
          config::object_list("parts", "What needs attention, counted by state",
                              {config::text("state", "waiting, trying, held, behind, parked"),
                               config::integer("count", "So many"),
                               config::text("oldest", "The oldest message of these"),
                               config::text("since", "The longest that one is in this list")}),
          config::object_list("rows", "The first of these", attention_fields(content))};
}

}  // namespace causeway::api
