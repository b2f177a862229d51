// The store in memory, on which the simulator rests, keeps the store's contract too.
#include <catch2/catch.hpp>
#include <deque>

#include "engine/core/clock.h"
#include "tests/contract/store_contract.h"
#include "tests/support/memory_store.h"

namespace causeway::testing {
namespace {

class OpenMemory final : public OpenStore {
 public:
  explicit OpenMemory(test::MemoryDisk& disk)
      : store_(disk, {.schedule =
                          [this](std::function<void()> task) { tasks_.push_back(std::move(task)); },
                      .clock = &clock_}) {}
  Journal& journal() override { return store_; }
  WorkReader& work() override { return store_; }
  BodyStaging& staging() override { return store_; }
  void progress() override {
    if (tasks_.empty()) return;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    task();
  }

 private:
  MachineClock clock_;
  std::deque<std::function<void()>> tasks_;
  test::MemoryStore store_;
};

class MemoryBench final : public StoreBench {
 public:
  std::unique_ptr<OpenStore> open() override { return std::make_unique<OpenMemory>(disk_); }

 private:
  test::MemoryDisk disk_;
};

TEST_CASE("the store in memory keeps the store's contract") {
  check_store_contract([] { return std::make_unique<MemoryBench>(); });
}

}  // namespace
}  // namespace causeway::testing
