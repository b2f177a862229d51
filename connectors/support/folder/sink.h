// Writes deliveries into files of a folder. One for each destination of a channel, whatever the
// protocol.
//
// The public methods are thread-safe. Deliveries wait in order for one of `connections` threads,
// each with a session of its own that it may block on; a session is closed when it stands idle.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "connectors/support/connector.h"
#include "connectors/support/folder/batch_file.h"

namespace causeway::connectors::folder {

class FolderSink final : public Sink {
 public:
  FolderSink(SinkSettings settings, std::unique_ptr<Opener> opener, const Name& name,
             const Environment& environment);
  ~FolderSink() override;

  Status start() override;
  void stop(Milliseconds grace) override;
  void deliver(StoredDelivery delivery, OnOutcome on_outcome) override;
  int concurrency() const override;
  Probe probe() override;
  std::string address() const override { return opener_->address(); }

 private:
  struct Job {
    StoredDelivery delivery;
    OnOutcome on_outcome;
  };
  struct Instruments {
    Instruments(Metrics& metrics, const Name& name);
    Counter& messages;
    Counter& message_bytes;
    Counter& sessions;
  };
  using Session = std::unique_ptr<Folder>;

  void work();
  /// None: stopped.
  std::optional<Job> next(Session& session);
  Attempt try_once(const StoredDelivery& delivery, Session& session);
  template <class Writing>
  Attempt try_with(Writing writing, Session& session);
  Result<Session> open();
  template <class Writing>
  Attempt find_out(Writing& writing, Session& session, Attempt attempt);
  /// When the thread has something to do by itself.
  std::optional<SteadyTime> wakes_at(const Session& session) const;
  void tend(Session& session);
  void close_batch(Session& session);

  const SinkSettings settings_;
  const std::unique_ptr<Opener> opener_;
  const Environment environment_;
  Instruments instruments_;
  std::atomic<bool> cut_{false};
  // Of the one thread that there is then.
  std::optional<BatchFile> batch_;
  SteadyTime batch_tended_;  // not before this, after a failure

  std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  std::vector<std::thread> threads_;
  std::deque<Job> jobs_;
  std::size_t busy_ = 0;
  bool batch_open_ = false;  // to be closed before the end
  bool stopping_ = true;
};

}  // namespace causeway::connectors::folder
