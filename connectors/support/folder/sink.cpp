#include "connectors/support/folder/sink.h"

#include "connectors/support/event_loop.h"

namespace causeway::connectors::folder {
namespace {

constexpr Milliseconds idle_longest{30'000};

std::string labels(const Name& name) {
  return "channel=\"" + name.channel + "\",destination=\"" + name.end + "\"";
}

Attempt deferred(Error error, bool destination_down) {
  Attempt attempt;
  attempt.outcome = Outcome::Deferred;
  attempt.reason = std::move(error);
  attempt.destination_down = destination_down;
  return attempt;
}

Attempt stopped() {
  return deferred({ErrorKind::Stopped, "", "stopped"}, false);
}

}  // namespace

FolderSink::Instruments::Instruments(Metrics& metrics, const Name& name)
    : messages(metrics.counter("causeway_sink_messages_total", labels(name))),
      message_bytes(metrics.counter("causeway_sink_message_bytes_total", labels(name))),
      sessions(metrics.counter("causeway_sink_connections_total", labels(name))) {}

FolderSink::FolderSink(SinkSettings settings, std::unique_ptr<Opener> opener, const Name& name,
                       const Environment& environment)
    : settings_(std::move(settings)),
      opener_(std::move(opener)),
      environment_(environment),
      instruments_(environment.metrics, name) {}

FolderSink::~FolderSink() {
  stop(Milliseconds(0));
}

/// One file is appended to by one try at a time.
int FolderSink::concurrency() const {
  if (settings_.on_existing == SinkSettings::OnExisting::Append) return 1;
  return static_cast<int>(settings_.connections);
}

Status FolderSink::start() {
  std::lock_guard lock(mutex_);
  if (!threads_.empty()) return Done{};
  stopping_ = false;
  cut_ = false;
  for (int i = 0; i < concurrency(); ++i) threads_.emplace_back([this] { work(); });
  return Done{};
}

void FolderSink::stop(Milliseconds grace) {
  std::deque<Job> dropped;
  std::vector<std::thread> threads;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(jobs_);
    changed_.notify_all();
  }
  for (auto& job : dropped) job.on_outcome(stopped());
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, grace, [this] { return busy_ == 0; });
    cut_ = true;
    threads.swap(threads_);
  }
  for (auto& thread : threads) thread.join();
}

void FolderSink::deliver(StoredDelivery delivery, OnOutcome on_outcome) {
  {
    std::lock_guard lock(mutex_);
    if (!stopping_) {
      jobs_.push_back({std::move(delivery), std::move(on_outcome)});
      changed_.notify_one();
      return;
    }
  }
  environment_.loop.post([on_outcome = std::move(on_outcome)] { on_outcome(stopped()); });
}

void FolderSink::work() {
  Session session;
  while (auto job = next(session)) {
    auto attempt = try_once(job->delivery, session);
    if (attempt.outcome == Outcome::Delivered) {
      instruments_.messages.add();
      instruments_.message_bytes.add(job->delivery.body.size());
    }
    job->on_outcome(std::move(attempt));
    std::lock_guard lock(mutex_);
    --busy_;
    changed_.notify_all();
  }
}

std::optional<FolderSink::Job> FolderSink::next(Session& session) {
  std::unique_lock lock(mutex_);
  const auto woken = [this] { return stopping_ || !jobs_.empty(); };
  if (session && !changed_.wait_for(lock, idle_longest, woken)) {
    lock.unlock();
    session.reset();
    lock.lock();
  }
  changed_.wait(lock, woken);
  if (stopping_) return std::nullopt;
  auto job = std::move(jobs_.front());
  jobs_.pop_front();
  ++busy_;
  return job;
}

Result<FolderSink::Session> FolderSink::open() {
  auto opened = opener_->open(cut_);
  if (opened) instruments_.sessions.add();
  return opened;
}

Attempt FolderSink::try_once(const StoredDelivery& delivery, Session& session) {
  const FileWriting::Context context{settings_, environment_.staging, environment_.may_send};
  FileWriting writing(context, delivery);
  const bool kept = session != nullptr;
  for (int round = 0;; ++round) {
    if (!session) {
      auto opened = open();
      if (!opened) return deferred(opened.error(), opened.error().kind != ErrorKind::Stopped);
      session = std::move(*opened);
    }
    auto attempt = writing.run(*session);
    if (!session->is_lost()) return attempt;
    session.reset();
    if (writing.is_open()) return find_out(writing, session, std::move(attempt));
    // A session that was kept may have been closed while nothing was done.
    if (!kept || round > 0) return attempt;
  }
}

Attempt FolderSink::find_out(FileWriting& writing, Session& session, Attempt attempt) {
  auto opened = open();
  if (!opened) return attempt;
  session = std::move(*opened);
  auto found = writing.find_out(*session);
  if (session->is_lost()) session.reset();
  return found;
}

Probe FolderSink::probe() {
  std::atomic<bool> never{false};
  auto opened = opener_->open(never);
  if (!opened) return {false, address() + ": " + opened.error().str()};
  auto listed = (*opened)->list("", 1);
  if (!listed) return {false, address() + ": " + listed.error().str()};
  return {true, address() + " can be reached"};
}

}  // namespace causeway::connectors::folder
