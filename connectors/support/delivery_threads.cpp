#include "connectors/support/delivery_threads.h"

#include "connectors/support/sink_parts.h"

namespace causeway::connectors {

std::string sink_labels(const Name& name) {
  return "channel=\"" + name.channel + "\",destination=\"" + name.end + "\"";
}

Attempt deferred(Error error, bool destination_down) {
  Attempt attempt;
  attempt.outcome = Outcome::Deferred;
  attempt.reason = std::move(error);
  attempt.destination_down = destination_down;
  return attempt;
}

DeliveryThreads::DeliveryThreads(MakeSender make_sender, std::size_t threads, const Name& name,
                                 const Environment& environment)
    : make_sender_(std::move(make_sender)),
      count_(threads),
      environment_(environment),
      messages_(environment.metrics.counter("causeway_sink_messages_total", sink_labels(name))),
      message_bytes_(
          environment.metrics.counter("causeway_sink_message_bytes_total", sink_labels(name))) {}

Status DeliveryThreads::start() {
  std::lock_guard lock(mutex_);
  if (!threads_.empty()) return Done{};
  stopping_ = false;
  cut_ = false;
  for (std::size_t i = 0; i < count_; ++i) threads_.emplace_back([this] { work(); });
  return Done{};
}

void DeliveryThreads::stop(Milliseconds grace) {
  std::deque<Job> dropped;
  std::vector<std::thread> threads;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(jobs_);
    changed_.notify_all();
  }
  for (auto& job : dropped) job.on_outcome(stopped_before_sending());
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, grace, [this] { return busy_ == 0; });
    cut_ = true;
    threads.swap(threads_);
  }
  for (auto& thread : threads) thread.join();
}

void DeliveryThreads::deliver(StoredDelivery delivery, Sink::OnOutcome on_outcome) {
  {
    std::lock_guard lock(mutex_);
    if (!stopping_) {
      jobs_.push_back({std::move(delivery), std::move(on_outcome)});
      changed_.notify_one();
      return;
    }
  }
  environment_.loop.post(
      [on_outcome = std::move(on_outcome)] { on_outcome(stopped_before_sending()); });
}

void DeliveryThreads::work() {
  const auto sender = make_sender_(cut_);
  bool rested = true;
  while (auto job = next(*sender, rested)) {
    auto attempt = sender->send(job->delivery);
    if (attempt.outcome == Outcome::Delivered) {
      messages_.add();
      message_bytes_.add(job->delivery.body.size());
    }
    job->on_outcome(std::move(attempt));
    std::lock_guard lock(mutex_);
    --busy_;
    changed_.notify_all();
  }
}

std::optional<DeliveryThreads::Job> DeliveryThreads::next(Sender& sender, bool& rested) {
  std::unique_lock lock(mutex_);
  const auto woken = [this] { return stopping_ || !jobs_.empty(); };
  if (!rested && !changed_.wait_for(lock, idle_longest, woken)) {
    lock.unlock();
    sender.rest();
    lock.lock();
  }
  changed_.wait(lock, woken);
  if (stopping_) return std::nullopt;
  auto job = std::move(jobs_.front());
  jobs_.pop_front();
  ++busy_;
  rested = false;
  return job;
}

}  // namespace causeway::connectors
