#include "tests/support/memory_store.h"

#include <algorithm>

namespace causeway::test {

MemoryStore::MemoryStore(MemoryDisk& disk, Options options)
    : disk_(disk),
      options_(std::move(options)),
      epoch_(++disk.epoch),
      ids_(*options_.clock, NodeId{1}, disk.last) {}

void MemoryStore::enqueue(Queue& queue, Commit commit, std::function<void(Error)> refuse) {
  queue.waiting.emplace_back(std::move(commit), std::move(refuse));
  if (queue.scheduled) return;
  queue.scheduled = true;
  options_.schedule([this, &queue] { commit_batch(queue); });
}

void MemoryStore::commit_batch(Queue& queue) {
  std::vector<std::function<void()>> told;
  {
    std::lock_guard lock(mutex_);
    queue.scheduled = false;
    auto rows = std::min(queue.waiting.size(), options_.batch_max);
    const bool lost = disk_.epoch != epoch_;
    if (!lost && options_.fails()) rows = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      auto [commit, refuse] = std::move(queue.waiting.front());
      queue.waiting.pop_front();
      if (lost)
        told.push_back([refuse = std::move(refuse)] {
          refuse({ErrorKind::LeaseLost, "", "another engine holds the lease"});
        });
      else
        told.push_back(commit());
    }
    if (!queue.waiting.empty()) {
      queue.scheduled = true;
      options_.schedule([this, &queue] { commit_batch(queue); });
    }
  }
  for (auto& tell : told) tell();
}

void MemoryStore::commit_silently() {
  std::lock_guard lock(mutex_);
  if (disk_.epoch != epoch_) return;
  for (auto* queue : {&accepts_, &settles_}) {
    auto rows = std::min(queue->waiting.size(), options_.batch_max);
    for (std::size_t i = 0; i < rows; ++i) queue->waiting[i].first();
    queue->waiting.clear();
  }
}

MessageId MemoryStore::store_message(MessageId id, Arrival arrival, bool& was_there) {
  if (arrival.draft.origin) {
    auto key = arrival.draft.origin->source + '#' + std::to_string(arrival.draft.origin->position);
    auto [at, is_new] = disk_.origins.try_emplace({arrival.channel, std::move(key)}, id);
    was_there = !is_new;
    if (was_there) return at->second;
  }
  arrival.terms.clear();
  disk_.last = std::max(disk_.last, id);
  disk_.messages.emplace(id, std::move(arrival));
  return id;
}

MessageId MemoryStore::answered() const {
  std::lock_guard lock(mutex_);
  return unanswered_.empty() ? ids_.last() : MessageId{unanswered_.begin()->value - 1};
}

MessageId MemoryStore::next_id() {
  auto id = ids_.next();
  unanswered_.insert(id);
  return id;
}

void MemoryStore::answer(const std::vector<MessageId>& ids) {
  std::lock_guard lock(mutex_);
  for (auto id : ids) unanswered_.erase(id);
}

void MemoryStore::accept(Arrival arrival, AcceptDone done) {
  std::lock_guard lock(mutex_);
  auto id = next_id();
  auto shared = std::make_shared<AcceptDone>(std::move(done));
  enqueue(
      accepts_,
      [this, id, arrival = std::move(arrival), shared]() -> std::function<void()> {
        Receipt receipt;
        receipt.message = store_message(id, arrival, receipt.was_there);
        return [this, id, shared, receipt] {
          (*shared)(receipt);
          answer({id});
        };
      },
      [this, id, shared](Error error) {
        (*shared)(std::move(error));
        answer({id});
      });
}

void MemoryStore::put_attention(const std::vector<AttentionRow>& rows,
                                const std::vector<WorkRef>& settled) {
  for (const auto& work : settled) disk_.attention.erase(work);
  for (const auto& row : rows) disk_.attention.insert_or_assign(row.work, row);
}

void MemoryStore::record(Passage passage, RecordDone done) {
  std::lock_guard lock(mutex_);
  std::vector<MessageId> child_ids;
  for (std::size_t i = 0; i < passage.children.size(); ++i) child_ids.push_back(next_id());
  auto shared = std::make_shared<RecordDone>(std::move(done));
  enqueue(
      settles_,
      [this, passage = std::move(passage), child_ids, shared]() -> std::function<void()> {
        const auto key = std::pair(passage.message, passage.run);
        if (disk_.passages.contains(key) || !disk_.messages.contains(passage.message))
          return [this, child_ids, shared] {
            (*shared)(Error{ErrorKind::Invalid, "", "no such open run"});
            answer(child_ids);
          };
        std::vector<Receipt> receipts;
        for (std::size_t i = 0; i < child_ids.size(); ++i) {
          Receipt receipt;
          receipt.message = store_message(child_ids[i], passage.children[i], receipt.was_there);
          receipts.push_back(receipt);
        }
        put_attention(passage.attention, passage.attention_settled);
        if (passage.reply) disk_.replies.insert_or_assign(passage.message, *passage.reply);
        for (const auto& row : passage.states)
          disk_.states[{passage.channel, row.lane, row.key}] = row.change.value;
        disk_.passages.emplace(key, MemoryDisk::PassageRow{passage, receipts});
        return [this, child_ids, shared, receipts] {
          (*shared)(receipts);
          answer(child_ids);
        };
      },
      [this, child_ids, shared](Error error) {
        (*shared)(std::move(error));
        answer(child_ids);
      });
}

void MemoryStore::settle(Settlement settlement, SettleDone done) {
  std::lock_guard lock(mutex_);
  auto shared = std::make_shared<SettleDone>(std::move(done));
  enqueue(
      settles_,
      [this, settlement = std::move(settlement), shared]() -> std::function<void()> {
        for (const auto& attempt : settlement.attempts)
          disk_.attempts[attempt.work].push_back(attempt);
        put_attention(settlement.attention, settlement.attention_settled);
        if (settlement.reply)
          disk_.replies.insert_or_assign(settlement.reply_to, *settlement.reply);
        return [shared] { (*shared)(Done{}); };
      },
      [shared](Error error) { (*shared)(std::move(error)); });
}

void MemoryStore::low_water(WorkQueue queue, MessageId id) {
  std::lock_guard lock(mutex_);
  enqueue(
      settles_,
      [this, queue, id]() -> std::function<void()> {
        disk_.last = std::max(disk_.last, id);
        auto& mark = disk_.low_waters[queue];
        mark = std::max(mark, id);
        return [] {};
      },
      [](const Error&) {});
}

std::uint64_t MemoryStore::hash(std::string_view domain, std::string_view value) const {
  std::uint64_t state = 0xcbf29ce484222325u;  // FNV-1a
  for (auto part : {domain, std::string_view("\0", 1), value})
    for (char c : part) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return state;
}

}  // namespace causeway::test
