#include "engine/store/journal/journal_writer.h"

namespace causeway::store {

std::int64_t TermBuckets::bucket_of(MessageId id) {
  const auto day = day_of(id);
  if (bucket_ == 0 || day != day_ || messages_ == messages_per_bucket) {
    bucket_ = id.value;
    day_ = day;
    messages_ = 0;
  }
  ++messages_;
  return bucket_;
}

JournalWriter::JournalWriter(const RowMaker& rows, QueueParts parts, MessageId last)
    : rows_(rows),
      lease_(parts.lease),
      ids_(parts.clock, parts.lease.node(), last),
      accepts_("accepts", parts),
      settles_("settles", parts) {}

RowMaker::Place JournalWriter::next_place() {
  RowMaker::Place place{ids_.next(), 0};
  unanswered_.insert(unanswered_.end(), place.id);
  place.term_bucket = buckets_.bucket_of(place.id);
  return place;
}

MessageId JournalWriter::answered() const {
  std::lock_guard lock(mutex_);
  return unanswered_.empty() ? ids_.last() : MessageId{unanswered_.begin()->value - 1};
}

void JournalWriter::answered(const std::vector<MessageId>& ids) {
  std::lock_guard lock(mutex_);
  for (auto id : ids) unanswered_.erase(id);
}

void JournalWriter::committed(const Entry& entry, const Entry::Receipts& receipts) {
  for (std::size_t i = 0; i < receipts.size(); ++i)
    if (!receipts[i].was_there) rows_.committed(entry.rows->messages[i]);
}

void JournalWriter::accept(Arrival arrival, AcceptDone done) {
  auto entry = std::make_shared<Entry>();
  auto kept = std::make_shared<const Arrival>(std::move(arrival));
  entry->refusable = true;
  entry->answer = [this, entry = entry.get(), done = std::move(done)](auto receipts) {
    if (receipts) {
      committed(*entry, *receipts);
      done(receipts->front());
    } else {
      done(receipts.error());
    }
    answered(entry->ids);
  };
  RowMaker::Place place;
  {
    std::lock_guard lock(mutex_);
    place = next_place();
    entry->ids = {place.id};
    accepts_.push(entry);
  }
  entry->seal = [this, kept, place] { return rows_.accept(*kept, place); };
  accepts_.ready(*entry, entry->seal());
}

void JournalWriter::record(Passage passage, RecordDone done) {
  auto entry = std::make_shared<Entry>();
  auto kept = std::make_shared<const Passage>(std::move(passage));
  entry->answer = [this, entry = entry.get(), done = std::move(done)](auto receipts) {
    if (receipts) committed(*entry, *receipts);
    done(std::move(receipts));
    if (!entry->ids.empty()) answered(entry->ids);
  };
  std::vector<RowMaker::Place> places;
  {
    std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < kept->children.size(); ++i) {
      places.push_back(next_place());
      entry->ids.push_back(places.back().id);
    }
    settles_.push(entry);
  }
  entry->seal = [this, kept, places = std::move(places)] { return rows_.record(*kept, places); };
  settles_.ready(*entry, entry->seal());
}

void JournalWriter::settle(Settlement settlement, SettleDone done) {
  auto entry = std::make_shared<Entry>();
  auto kept = std::make_shared<const Settlement>(std::move(settlement));
  entry->answer = [done = std::move(done)](Result<Entry::Receipts> receipts) {
    if (receipts)
      done(Done{});
    else
      done(receipts.error());
  };
  entry->patient = kept->patient;
  {
    std::lock_guard lock(mutex_);
    settles_.push(entry);
  }
  entry->seal = [this, kept] { return rows_.settle(*kept); };
  settles_.ready(*entry, entry->seal());
}

void JournalWriter::low_water(WorkQueue queue, MessageId id) {
  settles_.low_water(queue, id);
}

void JournalWriter::stop(Milliseconds grace) {
  accepts_.stop(grace);
  settles_.stop(grace);
}

}  // namespace causeway::store
