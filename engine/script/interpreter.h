// One JavaScript interpreter (SpiderMonkey context and runtime), its limits and its job queue.
// Internal to this folder. Bound to the thread that makes it.
#pragma once

#include <optional>

#include "engine/core/result.h"
#include "engine/script/current_run.h"
#include "engine/script/large_allocations.h"
#include "engine/script/watchdog.h"

struct JSContext;

namespace causeway::script {

class JobQueue;

class Interpreter {
 public:
  Interpreter();
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  static Interpreter& of(JSContext* context);
  JSContext* context() const { return context_; }

  /// Everything that runs code of a script is within one of these: the limits hold, and failures
  /// are collected.
  class Guard {
   public:
    Guard(Interpreter& interpreter, const ScriptLimits& limits, CurrentRun* run);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Interpreter& interpreter_;
    LargeAllocations::Bounded bounded_;
  };

  /// The run whose script is executing; nullptr while modules are loaded.
  CurrentRun* run() const { return run_; }
  /// Counts the guards, so that what belongs to an earlier one is known by it; never 0.
  std::int32_t run_number() const { return run_number_; }

  /// Ends what runs: the script can't catch it. Always false, for natives to return.
  bool stop(std::string text);
  bool stopped() const { return stop_.has_value(); }
  /// Runs promise jobs until there are none. False if stopped.
  bool run_jobs();
  /// False if memory was refused, even if the script has made nothing of it.
  bool had_its_memory() { return !large_allocations_.refused() || stop_for_native_memory(); }
  /// What made a call of the engine fail; takes the pending exception.
  Error take_failure();

  /// Memory ran out: how it looks inside is not certain, so it's to be thrown away.
  bool spoiled() const { return spoiled_; }
  /// To be called when realms were made or released: the heap limit counts from here.
  void settle_heap();

 private:
  static bool on_interrupt(JSContext* context);
  static void on_out_of_memory(JSContext* context, void* self);
  bool within_limits();
  bool within_time();
  bool within_native_memory();
  bool stop_for_native_memory();
  void collect();
  std::optional<double> native_bytes();

  LargeAllocations large_allocations_;
  JSContext* context_ = nullptr;
  std::unique_ptr<JobQueue> jobs_;
  std::optional<Watchdog::Watched> watched_;
  CurrentRun* run_ = nullptr;
  std::int32_t run_number_ = 0;
  const ScriptLimits* limits_ = nullptr;  // null: no guard
  std::optional<Error> stop_;
  bool spoiled_ = false;
  std::size_t settled_bytes_ = 0;
  std::size_t heap_limit_ = 0;
  SteadyTime began_, collected_;
  std::optional<std::chrono::nanoseconds> processor_time_began_;  // set at the first look
};

/// Where script code stands now: "file:line:column"; empty if none is running.
std::string script_place(JSContext* context);

}  // namespace causeway::script
