#include "connectors/support/folder/sink.h"

#include "connectors/support/event_loop.h"
#include "connectors/support/folder/digest.h"

namespace causeway::connectors::folder {
namespace {

constexpr Milliseconds idle_longest{30'000};
constexpr Milliseconds batch_again{10'000};  // after it couldn't be closed

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

/// Names the hidden files of a batch: those of another channel to the same folder have others.
std::string batch_label(const Name& name) {
  Digest digest;
  digest.add(name.channel + '\n' + name.end);
  std::string label = name.channel + "-" + name.end;
  for (auto& c : label)
    if (std::string_view("/\\:*?\"<>| ").find(c) != std::string_view::npos || c < ' ') c = '_';
  return label.substr(0, 100) + "-" + digest.hex().substr(0, 8);
}

/// A delivery on its way into the open batch, as FileWriting is one on its way into its own file.
class BatchWriting {
 public:
  BatchWriting(BatchFile& batch, const StoredDelivery& delivery)
      : batch_(batch), delivery_(delivery) {}

  Attempt run(Folder& folder) {
    auto attempt = batch_.add(folder, delivery_);
    open_ = attempt.outcome == Outcome::Ambiguous;
    return attempt;
  }
  bool is_open() const { return open_; }
  Attempt find_out(Folder& folder) { return batch_.find_out(folder, delivery_); }

 private:
  BatchFile& batch_;
  const StoredDelivery& delivery_;
  bool open_ = false;
};

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
      instruments_(environment.metrics, name) {
  if (settings_.batch)
    batch_.emplace(BatchFile::Context{settings_, batch_label(name), environment_.staging,
                                      environment_.clock, environment_.may_send});
}

FolderSink::~FolderSink() {
  stop(Milliseconds(0));
}

/// One file is appended to by one try at a time.
int FolderSink::concurrency() const {
  if (batch_) return 1;
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
    changed_.wait_for(lock, grace, [this] { return busy_ == 0 && !batch_open_; });
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
  tend(session);
  while (auto job = next(session)) {
    auto attempt = try_once(job->delivery, session);
    if (attempt.outcome == Outcome::Delivered) {
      instruments_.messages.add();
      instruments_.message_bytes.add(job->delivery.body.size());
    }
    job->on_outcome(std::move(attempt));
    std::lock_guard lock(mutex_);
    --busy_;
    batch_open_ = batch_ && batch_->due_at();
    changed_.notify_all();
  }
  if (batch_ && batch_->due_at()) close_batch(session);
  std::lock_guard lock(mutex_);
  batch_open_ = false;
  changed_.notify_all();
}

std::optional<FolderSink::Job> FolderSink::next(Session& session) {
  std::unique_lock lock(mutex_);
  const auto woken = [this] { return stopping_ || !jobs_.empty(); };
  while (!woken()) {
    const auto until = wakes_at(session);
    if (!until) {
      changed_.wait(lock, woken);
    } else if (!changed_.wait_until(lock, *until, woken)) {
      lock.unlock();
      tend(session);
      lock.lock();
      batch_open_ = batch_ && batch_->due_at();
    }
  }
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
  if (batch_) return try_with(BatchWriting(*batch_, delivery), session);
  const FileWriting::Context context{settings_, environment_.staging, environment_.may_send};
  return try_with(FileWriting(context, delivery), session);
}

template <class Writing>
Attempt FolderSink::try_with(Writing writing, Session& session) {
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

template <class Writing>
Attempt FolderSink::find_out(Writing& writing, Session& session, Attempt attempt) {
  auto opened = open();
  if (!opened) return attempt;
  session = std::move(*opened);
  auto found = writing.find_out(*session);
  if (session->is_lost()) session.reset();
  return found;
}

std::optional<SteadyTime> FolderSink::wakes_at(const Session& session) const {
  std::optional<SteadyTime> at;
  const auto now = environment_.clock.steady();
  if (session) at = now + idle_longest;
  if (!batch_) return at;
  const auto due = batch_->due_at();
  if (!due && batch_->is_loaded()) return at;
  const auto rest =
      due ? std::chrono::ceil<Milliseconds>(*due - environment_.clock.now()) : Milliseconds(0);
  const auto wait = std::clamp(rest, Milliseconds(0), settings_.batch->age_max);
  const auto wakes = std::max(now + wait, batch_tended_);
  return at ? std::min(*at, wakes) : wakes;
}

/// What is to be done when nothing comes: closing a batch, or the session.
void FolderSink::tend(Session& session) {
  const auto due = batch_ ? batch_->due_at() : std::nullopt;
  const bool to_read = batch_ && !batch_->is_loaded();
  if (to_read || (due && *due <= environment_.clock.now()))
    close_batch(session);
  else
    session.reset();
}

void FolderSink::close_batch(Session& session) {
  batch_tended_ = environment_.clock.steady() + batch_again;
  if (!session) {
    auto opened = open();
    if (!opened) return;
    session = std::move(*opened);
  }
  // At first it isn't known whether there is one: then it is read, and closed when it is due.
  auto done = batch_->is_loaded() ? batch_->close(*session) : batch_->load(*session);
  if (done) batch_tended_ = environment_.clock.steady();
  if (!session->is_lost()) return;
  session.reset();
  batch_->forget();
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
