// A sink that sends over a few connections which it keeps: its life, the queue of what waits for a
// free connection, reading staged bodies beside the loop. A connector adds how a delivery is looked
// at and sent.
//
// The public methods are thread-safe; everything else is of the loop's thread. Deliveries come in
// from any thread and wait in order. Who derives from it calls `stop` in its destructor.
#pragma once

#include <deque>
#include <map>

#include "connectors/support/background.h"
#include "connectors/support/inbox.h"
#include "connectors/support/sink_parts.h"
#include "connectors/support/staged_body.h"
#include "connectors/support/under_way.h"

namespace causeway::connectors {

/// Self is the class that derives from it (so that no message costs a virtual call) and has
///   std::unique_ptr<Connection> make_connection();
///   void prepare(Job job);                       // leads to one `line_up`, reading, or outcome
///   void send(Connection& connection, Job job);  // leads to `note_begun` and `finish`, or outcome
/// and where it needs another than the one here: may_begin, free_connection, give_up.
/// Job has the members `delivery` and `on_outcome`. Connection has is_busy, is_connected,
/// give_up_unsent and give_up.
template <class Self, class Job, class Connection>
class PooledSink : public Sink {
 public:
  Status start() override {
    environment_.loop.run_and_wait([this] { begin(); });
    return Done{};
  }

  void stop(Milliseconds grace) override {
    check_not_on(environment_.loop);
    environment_.loop.run_and_wait([this] { begin_stop(); });
    busy_.wait_for_none(grace);
    std::unique_ptr<Background> reader;  // ends outside of the loop: it waits for what it reads
    environment_.loop.run_and_wait([&] {
      end_all();
      reader = std::move(reader_);
    });
  }

  void deliver(StoredDelivery delivery, OnOutcome on_outcome) override {
    Job job;
    job.delivery = std::move(delivery);
    job.on_outcome = std::move(on_outcome);
    std::shared_ptr<Jobs> inbox;
    {
      std::lock_guard lock(mutex_);
      inbox = inbox_;
    }
    if (inbox && inbox->put(std::move(job))) return;
    environment_.loop.post(
        [on_outcome = std::move(job.on_outcome)] { on_outcome(stopped_before_sending()); });
  }

  int concurrency() const override { return static_cast<int>(size_); }

 protected:
  PooledSink(std::size_t connections, const Name& name, const Environment& environment)
      : environment_(environment), instruments_(environment.metrics, name), size_(connections) {}

  const Environment& environment() const { return environment_; }
  SinkInstruments& instruments() { return instruments_; }
  const auto& connections() const { return connections_; }
  std::deque<Job>& waiting() { return waiting_; }

  void line_up(Job job) { waiting_.push_back(std::move(job)); }

  /// Reads the whole body, and prepares the job anew with it.
  void read_body(Job job) {
    auto read = [staging = environment_.staging, body = job.delivery.body] {
      return read_staged(staging, body);
    };
    read_apart(std::move(job), read, [](Self& self, Job back, const Result<std::string>& bytes) {
      back.delivery.body = Body(make_bytes(*bytes));
      self.prepare(std::move(back));
    });
  }

  /// Runs `read` beside the loop, then `go_on(self, job, bytes)`; where it gave an error, the try
  /// ends as Deferred.
  template <class Read, class GoOn>
  void read_apart(Job job, Read read, GoOn go_on) {
    const auto number = next_reading_++;
    reading_.emplace(number, std::move(job));
    read_beside(std::move(read), [number, go_on](Self& self, const Result<std::string>& bytes) {
      auto found = self.reading_.extract(number);
      if (!found) return;  // stopped meanwhile
      auto back = std::move(found.mapped());
      if (!bytes) return back.on_outcome(not_sent(Outcome::Deferred, bytes.error()));
      go_on(self, std::move(back), bytes);
      self.assign();
    });
  }

  /// Runs `read` beside the loop, then `go_on(self, bytes)`.
  template <class Read, class GoOn>
  void read_beside(Read read, GoOn go_on) {
    std::lock_guard lock(mutex_);
    reader_->run([inbox = inbox_, read = std::move(read), go_on = std::move(go_on)] {
      inbox->post(
          [bytes = read(), go_on](PooledSink& pool) { go_on(static_cast<Self&>(pool), bytes); });
    });
  }

  /// Not recursive: a try that ends at once comes back to the loop here.
  void assign() {
    if (std::exchange(assigning_, true)) return;
    while (!waiting_.empty() && self().may_begin()) {
      auto* connection = self().free_connection(waiting_.front());
      if (!connection) break;
      auto job = std::move(waiting_.front());
      waiting_.pop_front();
      self().send(*connection, std::move(job));
    }
    assigning_ = false;
  }

  /// Whether tries may begin now; who says no calls `assign` later.
  bool may_begin() { return true; }

  /// One that is connected, before one that isn't.
  Connection* free_connection(const Job&) {
    Connection* free = nullptr;
    for (const auto& connection : connections_) {
      if (connection->is_busy()) continue;
      if (connection->is_connected()) return connection.get();
      free = connection.get();
    }
    return free;
  }

  void note_begun(const Job& job) {
    instruments_.note_message(job.delivery.body.size());
    busy_.begin();
  }

  void finish(Job job, Attempt attempt) {
    job.on_outcome(std::move(attempt));
    busy_.end();
    assign();
  }

  /// What else waits for something outside.
  void give_up() {}

 private:
  using Jobs = Inbox<PooledSink, Job>;
  friend Jobs;

  Self& self() { return static_cast<Self&>(*this); }

  void begin() {
    std::lock_guard lock(mutex_);
    if (inbox_) return;
    stopping_ = false;
    reader_ = std::make_unique<Background>();
    for (std::size_t i = 0; i < size_; ++i) connections_.push_back(self().make_connection());
    inbox_ = std::make_shared<Jobs>(environment_.loop, *this);
  }

  void take(std::vector<Job> jobs) {
    for (auto& job : jobs) {
      if (stopping_)
        job.on_outcome(stopped_before_sending());
      else
        self().prepare(std::move(job));
    }
    assign();
  }

  void begin_stop() {
    stopping_ = true;
    for (auto& job : std::exchange(waiting_, {})) job.on_outcome(stopped_before_sending());
    for (auto& [number, job] : std::exchange(reading_, {}))
      job.on_outcome(stopped_before_sending());
    for (const auto& connection : connections_) connection->give_up_unsent();
  }

  void end_all() {
    for (const auto& connection : connections_) connection->give_up();
    self().give_up();
    connections_.clear();
    std::shared_ptr<Jobs> inbox;
    {
      std::lock_guard lock(mutex_);
      inbox = std::move(inbox_);
    }
    if (!inbox) return;
    for (auto& job : inbox->close()) job.on_outcome(stopped_before_sending());
  }

  const Environment environment_;
  SinkInstruments instruments_;
  const std::size_t size_;  // how many connections

  // Of the loop's thread
  std::vector<std::unique_ptr<Connection>> connections_;
  std::deque<Job> waiting_;
  std::map<std::uint64_t, Job> reading_;  // what of them is being read beside the loop
  std::uint64_t next_reading_ = 1;
  bool assigning_ = false;
  bool stopping_ = false;
  std::unique_ptr<Background> reader_;

  UnderWay busy_;  // tries that a stop waits for
  std::mutex mutex_;
  std::shared_ptr<Jobs> inbox_;  // guarded by it; nullptr: not started
};

}  // namespace causeway::connectors
