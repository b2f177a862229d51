// What every implementation of engine/core/store.h must do: one suite, run against each.
//
// A test program makes a StoreBench (a database, a disk in memory) and calls `check_store_contract`
// from within a TEST_CASE: each section of the suite gets a fresh bench.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "engine/core/store.h"

namespace causeway::testing {

/// A store that has been opened. Destroying it is a crash: what isn't committed is lost.
class OpenStore {
 public:
  virtual ~OpenStore() = default;
  virtual Journal& journal() = 0;
  virtual WorkReader& work() = 0;
  virtual BodyStaging& staging() = 0;
  /// Does some of what is queued, or gives its threads a moment.
  virtual void progress() = 0;
};

/// What outlives an OpenStore. Opening takes it over from all that were opened before.
class StoreBench {
 public:
  virtual ~StoreBench() = default;
  virtual std::unique_ptr<OpenStore> open() = 0;
};

using MakeBench = std::function<std::unique_ptr<StoreBench>()>;

void check_store_contract(const MakeBench& fresh);

// The parts of the suite.
void check_accepting(StoreBench& bench);
void check_runs_and_deliveries(StoreBench& bench);
void check_parts(StoreBench& bench);
void check_settling(StoreBench& bench);
void check_attention(StoreBench& bench);
void check_recovery(StoreBench& bench);

// What the suite's parts use.

/// Waits for a callback. Throws if it doesn't come in time.
template <class T>
T await(OpenStore& store, std::future<T> future) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (future.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error("no callback came");
    store.progress();
  }
  return future.get();
}

std::future<Result<Receipt>> accept_later(OpenStore& store, Arrival arrival);
Result<Receipt> accept(OpenStore& store, Arrival arrival);
Result<std::vector<Receipt>> record(OpenStore& store, Passage passage);
Status settle(OpenStore& store, Settlement settlement);

/// Throws on an error: the test fails with its text.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().str());
  return std::move(result).value();
}

Arrival arrival(ChannelId channel, std::string body);
Passage passage(MessageId message, ChannelId channel);
DeliveryRecord delivery(DestinationId destination, std::string body);
AttemptRecord attempt(WorkRef work, WorkEvent event, bool terminal);
AttentionRow attention_row(WorkQueue queue, WorkRef work, AttentionState state);
Page whole_page(std::size_t rows = 100);

}  // namespace causeway::testing
