#include "engine/store/journal/journal_queue.h"

#include <pthread.h>

#include <algorithm>

#include "engine/store/journal/unknown_commit.h"

namespace causeway::store {
namespace {

constexpr int epoch_shift = 40;  // of settlement.seq
constexpr auto unknown_pause = Milliseconds(20);

}  // namespace

JournalQueue::JournalQueue(std::string name, QueueParts parts)
    : name_(std::move(name)),
      parts_(std::move(parts)),
      seq_(static_cast<std::int64_t>(parts_.lease.epoch().value) << epoch_shift),
      company_(parts_.limits.company_max),
      thread_([this] { run(); }) {}

JournalQueue::~JournalQueue() {
  stop(Milliseconds(0));
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void JournalQueue::push(std::shared_ptr<Entry> entry) {
  entry->since = parts_.clock.steady();
  std::lock_guard lock(mutex_);
  entry->number = ++pushed_;
  if (!entry->patient && ++urgent_ == 1) urgent_since_ = entry->since;
  waiting_.push_back(std::move(entry));
}

void JournalQueue::ready(Entry& entry, Result<SealedRows> rows) {
  bool first = false;
  {
    std::lock_guard lock(mutex_);
    if (rows) entry.rows = std::move(*rows);
    entry.ready = true;
    // The writer sleeps either without work or beside patient entries.
    first = waiting_.front().get() == &entry || (!entry.patient && urgent_ == 1) || enough();
  }
  if (first) wake_.notify_all();
}

void JournalQueue::low_water(WorkQueue queue, MessageId id) {
  std::lock_guard lock(mutex_);
  if (marks_.empty()) wake_.notify_all();
  auto& mark = marks_[queue];
  mark = std::max(mark, id);
}

void JournalQueue::stop(Milliseconds grace) {
  std::unique_lock lock(mutex_);
  draining_ = true;
  wake_.notify_all();
  wake_.wait_for(lock, grace, [this] {
    return stopped_ || (idle_ && waiting_.empty() && marks_.empty() && marks_staged_.empty());
  });
  stopped_ = true;
  wake_.notify_all();
}

bool JournalQueue::pause(Milliseconds duration) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, duration, [this] { return stopped_; });
}

void JournalQueue::run() {
  ::pthread_setname_np(::pthread_self(), name_.substr(0, 15).c_str());
  for (;;) {
    auto entries = take();
    std::unique_lock lock(mutex_);
    const bool stopped = stopped_;
    if (ended_ && entries.empty() && waiting_.empty()) return;
    lock.unlock();
    if (stopped)
      refuse(entries, {ErrorKind::Stopped, "", "the journal has been stopped"});
    else if (!entries.empty())
      commit(std::move(entries));
    else if (try_commit({}).end != Try::End::Committed)  // marks alone; they stay for later
      pause(parts_.limits.retry_first);
  }
}

bool JournalQueue::enough() const {
  return waiting_.size() >= (urgent_ > 0 ? company_.wanted() : parts_.limits.patient_max);
}

SteadyTime JournalQueue::due() const {
  if (enough() || draining_ || stopped_ || ended_) return SteadyTime::min();
  const auto patient = waiting_.front()->since + parts_.limits.patience;
  return urgent_ == 0 ? patient : std::min(patient, urgent_since_ + parts_.limits.urgent_patience);
}

void JournalQueue::wait_for_work(std::unique_lock<std::mutex>& lock) {
  auto has_work = [this] {
    if (ended_) return true;
    return !waiting_.empty() && waiting_.front()->ready && due() <= parts_.clock.steady();
  };
  auto has_marks = [this] {
    return !stopped_ && waiting_.empty() && !(marks_.empty() && marks_staged_.empty());
  };
  while (!has_work()) {
    if (draining_ && has_marks()) return;
    std::chrono::microseconds patience =
        has_marks() ? parts_.limits.low_water_idle : Milliseconds(60'000);
    if (!waiting_.empty() && waiting_.front()->ready)
      patience = std::chrono::duration_cast<std::chrono::microseconds>(
          std::max(due() - parts_.clock.steady(), SteadyTime::duration(0)));
    const bool timed_out = wake_.wait_for(lock, patience) == std::cv_status::timeout;
    if (timed_out && has_marks()) return;
  }
}

JournalQueue::Entries JournalQueue::take() {
  std::unique_lock lock(mutex_);
  idle_ = true;
  wake_.notify_all();
  wait_for_work(lock);
  idle_ = false;
  if (marks_staged_.empty()) {
    marks_staged_ = std::exchange(marks_, {});
    marks_barrier_ = pushed_;
  }
  const bool urgent = urgent_ > 0;
  Entries entries;
  std::size_t bytes = 0;
  while (!waiting_.empty() && waiting_.front()->ready && entries.size() < parts_.limits.rows_max &&
         bytes < parts_.limits.bytes_max) {
    if (waiting_.front()->rows) bytes += waiting_.front()->rows->bytes;
    if (!waiting_.front()->patient) --urgent_;
    entries.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  if (urgent) company_.taken(entries.size());
  if (urgent_ > 0) urgent_since_ = waiting_.front()->since;
  return entries;
}

void JournalQueue::commit(Entries entries) {
  auto delay = parts_.limits.retry_first;
  while (!entries.empty()) {
    auto ended = try_commit(entries);
    if (ended.end == Try::End::Unknown) ended = settle_unknown(std::move(ended));
    switch (ended.end) {
      case Try::End::Committed:
        return answer(entries, ended.there);
      case Try::End::LeaseLost:
        parts_.lease.lost();
        return refuse(entries, {ErrorKind::LeaseLost, "", "another engine holds the lease"});
      case Try::End::Unknown:
        return refuse(entries, {ErrorKind::Internal, "",
                                "stopped before it was known whether this was committed"});
      case Try::End::RowFault: {
        if (entries.size() == 1) return refuse(entries, ended.error);
        const auto half = entries.begin() + static_cast<std::ptrdiff_t>(entries.size() / 2);
        commit(Entries(entries.begin(), half));
        return commit(Entries(half, entries.end()));
      }
      case Try::End::NoPartition:
        ensure_partitions(entries);
        break;
      case Try::End::Passing:
        parts_.log.warn("journal.retry",
                        {{"queue", name_}, {"kind", std::string(to_string(ended.error.kind))}});
        break;
    }
    drop_overdue(entries);
    if (!pause(delay))
      return refuse(entries, {ErrorKind::Stopped, "", "the journal has been stopped"});
    delay = std::min(2 * delay, parts_.limits.retry_max);
  }
}

Status JournalQueue::connect() {
  if (connection_ && connection_->still_there()) return Done{};
  connection_.reset();
  auto opened = Connection::open(parts_.target);
  if (!opened) return opened.error();
  auto statements = journal_statements();
  statements.push_back(Lease::fence);
  for (const auto& statement : statements)
    if (auto done = opened->prepare(statement); !done) return done;
  if (auto done = opened->enter_pipeline(); !done) return done;
  connection_.emplace(std::move(*opened));
  return Done{};
}

Status JournalQueue::seal_all(const Entries& entries) {
  for (const auto& entry : entries) {
    if (entry->rows) continue;
    auto rows = entry->seal();
    if (!rows) return rows.error();
    entry->rows = std::move(*rows);
  }
  return Done{};
}

JournalQueue::Try JournalQueue::failed(std::optional<Try> first) const {
  if (first) return std::move(*first);
  Try ended;
  ended.error = connection_->error();
  const auto& state = connection_->state();
  if (state == "22012")
    ended.end = Try::End::LeaseLost;  // the fence divides by the number of leases that hold
  else if (state == "23514")
    ended.end = Try::End::NoPartition;
  else if (ended.error.kind != ErrorKind::Unavailable)
    ended.end = Try::End::RowFault;
  if (ended.error.kind == ErrorKind::Conflict) ended.error.kind = ErrorKind::Invalid;
  return ended;
}

JournalQueue::Try JournalQueue::read_to_sync() {
  std::optional<Try> first;
  for (;;) {
    const auto answer = connection_->receive();
    switch (answer.kind) {
      case Connection::Answer::Kind::Synced: {
        if (first) return std::move(*first);
        Try committed;
        committed.end = Try::End::Committed;
        return committed;
      }
      case Connection::Answer::Kind::Error:
        first = failed(std::move(first));
        break;
      case Connection::Answer::Kind::Lost: {
        if (first) return std::move(*first);
        Try unknown;
        unknown.end = Try::End::Unknown;
        return unknown;
      }
      default:
        break;
    }
  }
}

JournalQueue::Try JournalQueue::try_commit(const Entries& entries) {
  Try ended;
  if (auto done = connect(); !done) {
    ended.error = done.error();
    return ended;
  }
  if (auto done = seal_all(entries); !done) {
    ended.error = done.error();
    if (ended.error.kind != ErrorKind::Unavailable) ended.end = Try::End::RowFault;
    return ended;
  }
  if (auto failure = begin(entries, ended.there)) return std::move(*failure);
  Batch batch;
  const auto bucket = fill(batch, entries, ended.there);
  if (auto sent = batch.send(*connection_); !sent) {
    connection_.reset();
    ended.error = sent.error();
    return ended;
  }
  auto there = std::move(ended.there);
  ended = Try();
  if (connection_->sync().ok())
    ended = read_to_sync();
  else
    ended.end = Try::End::Unknown;
  ended.witness = batch.witness();
  ended.there = std::move(there);
  if (ended.end != Try::End::Committed) return ended;
  bucket_known_ = bucket;
  low_waters_committed();
  return ended;
}

std::optional<JournalQueue::Try> JournalQueue::begin(const Entries& entries, Batch::There& there) {
  Try passing;
  auto give_up = [&](const Error& error) {
    connection_.reset();
    passing.error = error;
    return passing;
  };
  if (auto done = connection_->send(Lease::fence, parts_.lease.fence_params()); !done)
    return give_up(done.error());
  OriginLookup origins;
  for (const auto& entry : entries) origins.add(*entry->rows);
  if (origins.empty()) return std::nullopt;

  // Whether an origin is new decides what is written: asked within the same transaction.
  if (auto done = origins.send(*connection_); !done) return give_up(done.error());
  if (auto done = connection_->flush(); !done) return give_up(done.error());
  Connection::Answer answer;
  for (int answers = 0; answers < 3; ++answers) {  // fence, insert, find
    answer = connection_->receive();
    if (answer.kind == Connection::Answer::Kind::Rows) continue;
    if (answer.kind == Connection::Answer::Kind::Lost) return passing;
    auto failure = failed(std::nullopt);
    if (connection_->sync().ok()) (void)read_to_sync();
    return failure;
  }
  there = origins.there(*answer.rows);
  return std::nullopt;
}

std::int64_t JournalQueue::fill(Batch& batch, const Entries& entries, const Batch::There& there) {
  auto bucket = bucket_known_;
  for (const auto& entry : entries) {
    batch.add(*entry->rows, there, seq_);
    for (const auto& message : entry->rows->messages) {
      if (message.term_bucket <= bucket) continue;
      bucket = message.term_bucket;
      batch.add_bucket(bucket);
    }
  }
  add_low_waters(batch, entries);
  return bucket;
}

JournalQueue::Try JournalQueue::settle_unknown(Try unknown) {
  const Backend backend{connection_->backend_pid(), connection_->backend_start()};
  connection_.reset();
  parts_.log.warn("journal.commit_unknown", {{"queue", name_}});
  const auto lost_at = parts_.clock.steady();
  while (pause(unknown_pause)) {
    auto connection = Connection::open(parts_.target);
    if (!connection) continue;
    const bool by_force = parts_.clock.steady() - lost_at > parts_.limits.backend_patience;
    auto gone = backend_gone(*connection, backend, by_force ? StillThere::End : StillThere::Wait);
    if (!gone || !*gone) continue;
    if (unknown.witness.kind == Witness::Kind::None) {
      // Puts and deletes of attention rows: doing them again changes nothing.
      unknown.end = Try::End::Passing;
      return unknown;
    }
    auto there = witnessed(*connection, unknown.witness);
    if (!there) continue;
    unknown.end = *there ? Try::End::Committed : Try::End::Passing;
    if (*there) low_waters_committed();
    return unknown;
  }
  return unknown;
}

void JournalQueue::ensure_partitions(const Entries& entries) {
  std::set<Day> days;
  auto add = [&](std::int64_t id) { days.insert(day_of(MessageId{id})); };
  for (const auto& entry : entries) {
    for (const auto& row : entry->rows->messages) {
      add(row.id);
      for (const auto& link : row.links) add(link.id);
    }
    for (const auto& row : entry->rows->passages) add(row.id);
    for (const auto& row : entry->rows->settlements) add(row.work.message.value);
    for (const auto& row : entry->rows->bindings) add(row.body);
  }
  for (auto day : days) {
    auto made = parts_.partitions.ensure(day, 1);
    if (!made)
      parts_.log.error("partition.not_made", {{"kind", std::string(to_string(made.error().kind))}});
  }
}

void JournalQueue::drop_overdue(Entries& entries) {
  const auto now = parts_.clock.steady();
  auto overdue = [&](const Entry& entry) {
    return entry.refusable && now - entry.since > parts_.limits.accept_patience;
  };
  const Error away{ErrorKind::Unavailable, "", "the database is away"};
  auto keep = std::find_if(entries.begin(), entries.end(),
                           [&](const auto& entry) { return !overdue(*entry); });
  Entries refused(entries.begin(), keep);
  entries.erase(entries.begin(), keep);
  if (entries.empty()) {
    // Those behind it in line have waited nearly as long: they must not wait for another try each.
    std::lock_guard lock(mutex_);
    while (!waiting_.empty() && waiting_.front()->ready && overdue(*waiting_.front())) {
      if (!waiting_.front()->patient) --urgent_;
      refused.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
  }
  refuse(refused, away);
}

void JournalQueue::answer(const Entries& entries, const Batch::There& there) {
  for (const auto& entry : entries) {
    Entry::Receipts receipts;
    for (auto id : entry->ids) {
      auto first = there.find(id.value);
      if (first == there.end())
        receipts.push_back({id, false});
      else
        receipts.push_back({MessageId{first->second}, true});
    }
    entry->answer(std::move(receipts));
  }
}

void JournalQueue::refuse(const Entries& entries, const Error& error) {
  for (const auto& entry : entries) entry->answer(error);
}

void JournalQueue::add_low_waters(Batch& batch, const Entries& entries) {
  marks_in_batch_ = false;
  std::lock_guard lock(mutex_);
  if (marks_staged_.empty()) return;
  // All that was pushed before the marks is in this transaction or an earlier one.
  if (!entries.empty() && entries.back()->number < marks_barrier_) return;
  const bool due = draining_ || entries.empty() ||
                   parts_.clock.steady() - marks_written_at_ >= parts_.limits.low_water_every;
  if (!due) return;
  for (const auto& [queue, id] : marks_staged_) batch.add_low_water(queue, id);
  marks_in_batch_ = true;
}

void JournalQueue::low_waters_committed() {
  if (!std::exchange(marks_in_batch_, false)) return;
  marks_written_at_ = parts_.clock.steady();
  std::lock_guard lock(mutex_);
  marks_staged_.clear();
}

}  // namespace causeway::store
