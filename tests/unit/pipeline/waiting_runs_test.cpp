// Runs that wait for others hold up no others.
#include <catch2/catch.hpp>

#include <condition_variable>

#include "engine/pipeline/run_workers.h"

using namespace causeway;
using namespace causeway::pipeline;

namespace {

/// Opened once.
class Barrier {
 public:
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(60), [&] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

class WaitingFactory final : public TransformationFactory {
 public:
  explicit WaitingFactory(Barrier* barrier, bool is_waiting = true)
      : barrier_(barrier), is_waiting_(is_waiting) {}

  class Waiting final : public Transformation {
   public:
    explicit Waiting(const WaitingFactory& factory) : factory_(factory) {}
    RunResult run(const RunInput&) override {
      const int now = ++factory_.running;
      factory_.most = std::max(factory_.most.load(), now);
      if (factory_.barrier_) factory_.barrier_->wait();
      --factory_.running;
      return {};
    }

   private:
    const WaitingFactory& factory_;
  };

  Result<std::unique_ptr<Transformation>> make() const override {
    return std::unique_ptr<Transformation>(std::make_unique<Waiting>(*this));
  }
  bool waits() const override { return is_waiting_; }

  mutable std::atomic<int> running{0}, most{0};

 private:
  Barrier* barrier_;
  bool is_waiting_;
};

/// Counts results.
struct Count {
  RunWorkers::OnResult taker() {
    return [this](RunResult result) {
      std::lock_guard lock(mutex);
      ++(result.again ? again : done);
      changed.notify_all();
    };
  }
  bool wait_for(int wanted) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(60), [&] { return done >= wanted; });
  }

  std::mutex mutex;
  std::condition_variable changed;
  int done = 0, again = 0;
};

void run(RunWorkers& workers, const std::shared_ptr<WaitingFactory>& factory, int channel,
         Count& count) {
  RunRequest request;
  request.channel = ChannelId{channel};
  request.transformation = factory;
  request.message = std::make_shared<StoredMessage>();
  workers.run(std::move(request), count.taker());
}

}  // namespace

TEST_CASE("a channel whose runs wait holds up no other, whether that one waits or not") {
  Barrier barrier;
  auto slow = std::make_shared<WaitingFactory>(&barrier);
  auto quick = std::make_shared<WaitingFactory>(nullptr);
  auto ordinary = std::make_shared<WaitingFactory>(nullptr, false);
  Count slow_ones, others;
  ThreadedRunWorkers workers(1);
  for (int i = 0; i < 100; ++i) run(workers, slow, 1, slow_ones);
  for (int i = 0; i < 10; ++i) run(workers, quick, 2, others);
  for (int i = 0; i < 10; ++i) run(workers, ordinary, 3, others);
  CHECK(others.wait_for(20));
  barrier.open();
  CHECK(slow_ones.wait_for(100));
  CHECK(slow->most <= static_cast<int>(WaitingRuns::runs_of_channel_max));
}

TEST_CASE("at the end, runs that have not begun are given back to be run again") {
  Barrier barrier;
  auto slow = std::make_shared<WaitingFactory>(&barrier);
  Count count;
  ThreadedRunWorkers workers(1);
  for (int i = 0; i < 50; ++i) run(workers, slow, 1, count);
  std::thread opening([&] { barrier.open(); });
  workers.stop();
  opening.join();
  CHECK(count.done + count.again == 50);
}
