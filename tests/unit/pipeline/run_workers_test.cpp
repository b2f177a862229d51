// The threads that runs are executed on.
#include <catch2/catch.hpp>

#include <atomic>
#include <condition_variable>
#include <set>
#include <thread>

#include "engine/pipeline/instances.h"
#include "engine/pipeline/run_workers.h"

using namespace causeway;
using namespace causeway::pipeline;

namespace {

/// Counts what it makes; its runs give their number as the reply.
class CountingFactory final : public TransformationFactory {
 public:
  class Counting final : public Transformation {
   public:
    explicit Counting(const CountingFactory& factory) : factory_(factory) { ++factory_.alive; }
    ~Counting() override { --factory_.alive; }
    RunResult run(const RunInput& input) override {
      if (in_use_.exchange(true)) ++factory_.overlaps;
      if (factory_.on_run) factory_.on_run(input);
      in_use_ = false;
      RunResult result;
      result.reply = make_bytes(std::to_string(input.message.id.value));
      return result;
    }

   private:
    const CountingFactory& factory_;
    std::atomic<bool> in_use_{false};
  };

  Result<std::unique_ptr<Transformation>> make() const override {
    ++made;
    if (fails) return Error{ErrorKind::Script, "t.js:1:1", "broken"};
    return std::unique_ptr<Transformation>(std::make_unique<Counting>(*this));
  }

  std::function<void(const RunInput&)> on_run;
  bool fails = false;
  mutable std::atomic<int> made{0}, alive{0}, overlaps{0};
};

std::shared_ptr<const StoredMessage> message_of(std::int64_t id) {
  auto message = std::make_shared<StoredMessage>();
  message->id = MessageId{id};
  return message;
}

/// Waits for a number of results.
class Results {
 public:
  RunWorkers::OnResult taker() {
    return [this](RunResult result) {
      std::lock_guard lock(mutex_);
      results_.push_back(std::move(result));
      threads_.insert(std::this_thread::get_id());
      changed_.notify_all();
    };
  }
  std::vector<RunResult> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(30),
                              [&] { return results_.size() >= count; }));
    return results_;
  }
  std::set<std::thread::id> threads() {
    std::lock_guard lock(mutex_);
    return threads_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<RunResult> results_;
  std::set<std::thread::id> threads_;
};

void run(RunWorkers& workers, const std::shared_ptr<CountingFactory>& factory, int channel,
         std::int64_t id, Results& results) {
  workers.run({ChannelId{channel}, factory, message_of(id)}, results.taker());
}

}  // namespace

TEST_CASE("every run is executed once, and instances are reused") {
  auto factory = std::make_shared<CountingFactory>();
  Results results;
  {
    ThreadedRunWorkers workers(3);
    for (int i = 1; i <= 5000; ++i) run(workers, factory, 1 + i % 2, i, results);
    auto all = results.wait_for(5000);
    std::set<std::string> replies;
    for (const auto& result : all) replies.insert(*result.reply);
    CHECK(replies.size() == 5000);
    CHECK(factory->made <= 6);
    CHECK(factory->overlaps == 0);
    CHECK(results.threads().count(std::this_thread::get_id()) == 0);
  }
  CHECK(factory->alive == 0);
}

TEST_CASE("a new deployment replaces the instance") {
  auto first = std::make_shared<CountingFactory>();
  auto second = std::make_shared<CountingFactory>();
  Results results;
  ThreadedRunWorkers workers(1);
  run(workers, first, 1, 1, results);
  results.wait_for(1);
  run(workers, second, 1, 2, results);
  results.wait_for(2);
  CHECK(first->alive == 0);
  CHECK(second->alive == 1);
}

TEST_CASE("only so many instances are kept, the longest unused go") {
  auto factory = std::make_shared<CountingFactory>();
  Results results;
  ThreadedRunWorkers workers(1);
  int channels = static_cast<int>(instances_max) + 50;
  for (int i = 0; i < channels; ++i) run(workers, factory, 1 + i, i, results);
  results.wait_for(static_cast<std::size_t>(channels));
  CHECK(factory->alive == static_cast<int>(instances_max));
  run(workers, factory, channels, 1, results);
  results.wait_for(static_cast<std::size_t>(channels) + 1);
  CHECK(factory->made == channels);
  run(workers, factory, 1, 1, results);
  results.wait_for(static_cast<std::size_t>(channels) + 2);
  CHECK(factory->made == channels + 1);
}

TEST_CASE("a pipeline that can't be made fails its runs") {
  auto factory = std::make_shared<CountingFactory>();
  factory->fails = true;
  Results results;
  ThreadedRunWorkers workers(1);
  run(workers, factory, 1, 1, results);
  auto result = results.wait_for(1)[0];
  CHECK(result.state == RunState::Failed);
  REQUIRE(result.steps.size() == 1);
  CHECK(result.steps[0].error->place == "t.js:1:1");
}

TEST_CASE("an exception of a library fails the run") {
  auto factory = std::make_shared<CountingFactory>();
  factory->on_run = [](const RunInput&) { throw std::runtime_error("library"); };
  Results results;
  ThreadedRunWorkers workers(1);
  run(workers, factory, 1, 1, results);
  CHECK(results.wait_for(1)[0].steps[0].error->text == "library");
}

TEST_CASE("a long run doesn't hold up the others") {
  auto slow = std::make_shared<CountingFactory>();
  auto quick = std::make_shared<CountingFactory>();
  std::mutex gate;
  slow->on_run = [&](const RunInput&) { std::lock_guard wait(gate); };
  Results slow_results, quick_results;
  ThreadedRunWorkers workers(2);
  std::unique_lock shut(gate);
  run(workers, slow, 1, 1, slow_results);
  for (int i = 0; i < 200; ++i) {
    run(workers, quick, 2, i, quick_results);
    quick_results.wait_for(static_cast<std::size_t>(i) + 1);
  }
  shut.unlock();
  slow_results.wait_for(1);
}

TEST_CASE("a job that comes together with a long one is taken by another thread") {
  auto slow = std::make_shared<CountingFactory>();
  auto quick = std::make_shared<CountingFactory>();
  std::mutex gate;
  slow->on_run = [&](const RunInput&) { std::lock_guard wait(gate); };
  Results slow_results, quick_results;
  ThreadedRunWorkers workers(2);
  for (std::size_t i = 1; i <= 300; ++i) {
    std::unique_lock shut(gate);
    if (i % 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));  // both are asleep
    run(workers, slow, 1, 1, slow_results);
    run(workers, quick, 2, 2, quick_results);
    quick_results.wait_for(i);
    shut.unlock();
    slow_results.wait_for(i);
  }
}

TEST_CASE("stopping executes what is queued, also what results bring up") {
  auto factory = std::make_shared<CountingFactory>();
  std::atomic<int> done{0};
  ThreadedRunWorkers workers(2);
  for (int i = 0; i < 100; ++i)
    workers.run({ChannelId{1}, factory, message_of(i)}, [&](RunResult) {
      workers.run({ChannelId{2}, factory, message_of(1)}, [&](RunResult) { ++done; });
    });
  workers.stop();
  CHECK(done == 100);
  workers.stop();
}
