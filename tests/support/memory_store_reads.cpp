// The reading half of the in-memory store.
#include <algorithm>

#include "engine/core/limits.h"
#include "tests/support/memory_store.h"

namespace causeway::test {
namespace {

Error not_found(std::string_view what) {
  return {ErrorKind::NotFound, "", "no such " + std::string(what)};
}

class MemoryWriter final : public BodyStaging::Writer {
 public:
  explicit MemoryWriter(MemoryDisk& disk) : disk_(disk) {}
  Status append(std::string_view bytes) override {
    bytes_ += bytes;
    return Done{};
  }
  Result<Body> finish() override {
    if (bytes_.size() <= limits::inline_body_bytes) return Body(make_bytes(std::move(bytes_)));
    BodyId id{static_cast<std::int64_t>(disk_.bodies.size()) + 1};
    auto size = bytes_.size();
    disk_.bodies.emplace(id, std::move(bytes_));
    return Body(id, size);
  }

 private:
  MemoryDisk& disk_;
  std::string bytes_;
};

}  // namespace

Result<MessageId> MemoryStore::last_message() {
  std::lock_guard lock(mutex_);
  return disk_.last;
}

Result<std::map<WorkQueue, MessageId>> MemoryStore::low_waters() {
  std::lock_guard lock(mutex_);
  return disk_.low_waters;
}

Result<std::vector<OpenRun>> MemoryStore::open_runs(ChannelId channel, Page page) {
  std::lock_guard lock(mutex_);
  std::vector<OpenRun> rows;
  for (auto at = disk_.messages.upper_bound(page.after);
       at != disk_.messages.end() && at->first <= page.upto && rows.size() < page.rows; ++at) {
    const auto& [id, arrival] = *at;
    if (arrival.channel != channel) continue;
    if (disk_.attention.contains({id, RunNumber{1}, DestinationId{}})) continue;
    auto passage = disk_.passages.lower_bound({id, RunNumber{0}});
    if (passage != disk_.passages.end() && passage->first.first == id) continue;
    rows.push_back({id, arrival.order_keys, arrival.draft.body.size(), arrival.flags});
  }
  return rows;
}

bool MemoryStore::is_open(const DeliveryRecord&, const WorkRef& work) const {
  if (disk_.attention.contains(work)) return false;
  auto attempts = disk_.attempts.find(work);
  if (attempts == disk_.attempts.end()) return true;
  return std::none_of(attempts->second.begin(), attempts->second.end(),
                      [](const auto& attempt) { return attempt.terminal; });
}

Result<std::vector<OpenDelivery>> MemoryStore::open_deliveries(WorkQueue queue, Page page) {
  std::lock_guard lock(mutex_);
  std::vector<OpenDelivery> rows;
  for (auto at = disk_.passages.upper_bound({page.after, RunNumber{INT16_MAX}});
       at != disk_.passages.end() && at->first.first <= page.upto; ++at) {
    if (rows.size() >= page.rows && rows.back().work.message != at->first.first) break;
    for (const auto& delivery : at->second.passage.deliveries) {
      WorkRef work{at->first.first, at->first.second, delivery.destination, delivery.part};
      if (delivery.destination != queue.destination || !is_open(delivery, work)) continue;
      OpenDelivery row{work,           delivery.order_keys, delivery.body.size(),
                       delivery.flags, delivery.armed,      0};
      for (const auto& attempt : disk_.attempts[work]) {
        if (attempt.event == WorkEvent::Begun) row.armed = true;
        if (attempt.event == WorkEvent::Disarmed) row.armed = false;
        if (attempt.event == WorkEvent::Settled) {
          row.armed = false;
          ++row.attempts;
        }
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

Result<std::vector<AttentionRow>> MemoryStore::attention(WorkQueue queue, WorkRef after,
                                                         std::size_t rows) {
  if (options_.reads_fail(queue)) return Error{ErrorKind::Unavailable, "", "the database is away"};
  std::lock_guard lock(mutex_);
  std::vector<AttentionRow> found;
  for (auto at = disk_.attention.upper_bound(after);
       at != disk_.attention.end() && found.size() < rows; ++at)
    if (at->second.queue == queue) found.push_back(at->second);
  return found;
}

Result<std::vector<AttentionRow>> MemoryStore::behind(WorkQueue queue, std::uint64_t order_key,
                                                      std::size_t rows) {
  std::lock_guard lock(mutex_);
  std::vector<AttentionRow> found;
  for (const auto& [work, row] : disk_.attention) {
    if (found.size() >= rows) break;
    if (row.queue == queue && row.state == AttentionState::Behind && !row.order_keys.empty() &&
        row.order_keys.front() == order_key)
      found.push_back(row);
  }
  return found;
}

Result<StoredMessage> MemoryStore::message(MessageId id) {
  std::lock_guard lock(mutex_);
  auto at = disk_.messages.find(id);
  if (at == disk_.messages.end()) return not_found("message");
  return StoredMessage{id, at->second};
}

Result<std::optional<std::string>> MemoryStore::state(ChannelId channel, std::uint64_t lane,
                                                      std::uint64_t key) {
  std::lock_guard lock(mutex_);
  if (options_.fails()) return Error{ErrorKind::Unavailable, "", "the connection fails"};
  auto at = disk_.states.find({channel, lane, key});
  if (at == disk_.states.end()) return std::optional<std::string>();
  return std::optional<std::string>(at->second);
}

Result<StoredDelivery> MemoryStore::delivery(WorkRef work) {
  std::lock_guard lock(mutex_);
  auto at = disk_.passages.find({work.message, work.run});
  if (at == disk_.passages.end()) return not_found("delivery");
  for (const auto& delivery : at->second.passage.deliveries) {
    if (delivery.destination != work.destination || delivery.part != work.part) continue;
    auto body = delivery.same_as_input ? disk_.messages.at(work.message).draft.body : delivery.body;
    return StoredDelivery{work, delivery.content_type, body, delivery.flags, delivery.attributes};
  }
  return not_found("delivery");
}

Result<std::vector<WorkReader::SeenKey>> MemoryStore::recent_duplicate_keys(std::size_t rows) {
  std::lock_guard lock(mutex_);
  std::vector<SeenKey> keys;
  for (auto at = disk_.messages.rbegin(); at != disk_.messages.rend() && keys.size() < rows; ++at)
    if (at->second.duplicate.key != 0)
      keys.push_back({at->first, at->second.channel, at->second.duplicate});
  return keys;
}

Result<std::optional<ReplyRecord>> MemoryStore::reply_of(MessageId id) {
  std::lock_guard lock(mutex_);
  auto at = disk_.replies.find(id);
  if (at == disk_.replies.end()) return std::optional<ReplyRecord>();
  return std::optional<ReplyRecord>(at->second);
}

Result<int> MemoryStore::trying(WorkRef work) {
  std::lock_guard lock(mutex_);
  return disk_.trying[work]++;
}

Status MemoryStore::tried(const std::vector<WorkRef>& works) {
  std::lock_guard lock(mutex_);
  for (const auto& work : works) disk_.trying.erase(work);
  return Done{};
}

Result<std::unique_ptr<BodyStaging::Writer>> MemoryStore::begin() {
  return std::unique_ptr<Writer>(new MemoryWriter(disk_));
}

Result<std::string> MemoryStore::read(BodyId body, std::uint64_t offset, std::size_t bytes) {
  std::lock_guard lock(mutex_);
  auto at = disk_.bodies.find(body);
  if (at == disk_.bodies.end() || offset > at->second.size()) return not_found("body");
  return at->second.substr(offset, bytes);
}

}  // namespace causeway::test
