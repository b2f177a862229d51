// The interpreter of a thread and the realms that its instances have on it. Internal to this
// folder. Used by its own thread; ReleasedInstances by any.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "engine/script/interpreter.h"
#include "engine/script/realm.h"

namespace causeway::script {

/// Instances end on any thread, realms only on their own: the numbers of those to be ended.
class ReleasedInstances {
 public:
  void add(std::uint64_t number);
  std::vector<std::uint64_t> take();

 private:
  std::atomic<bool> any_{false};
  std::mutex mutex_;
  std::vector<std::uint64_t> numbers_;  // guarded by mutex_
};

class ScriptRuntime {
 public:
  /// What scripts leave behind is collected at leisure; a realm is thrown away with all of it.
  static constexpr int checks_per_realm = 100;

  static ScriptRuntime& of_this_thread();
  /// Null: this thread has run no script.
  static ScriptRuntime* existing();

  ScriptRuntime();
  ~ScriptRuntime();

  Status check(std::shared_ptr<const ScriptModule> module);
  ScriptRun run(ScriptInstance& instance, const ScriptInput& input);
  Interpreter& interpreter() { return *interpreter_; }
  /// Makes the spare realm, if there is none.
  void make_spare();
  bool has_spare() const { return spare_ != nullptr; }
  void end_released();  ///< Ends the realms of instances that are gone.

 private:
  Result<Realm*> realm_of(ScriptInstance& instance);
  ScriptRun run_in(Realm& realm, const ScriptModule& module, const ScriptInput& input);
  Status verify(const ScriptInstance& instance, const ScriptInput& input, const ScriptRun& first);
  Result<std::unique_ptr<Realm>> load(std::shared_ptr<const ScriptModule> module);
  void start_over();

  std::unique_ptr<Interpreter> interpreter_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Realm>> realms_;
  std::unique_ptr<Realm> spare_;  // bare, for the next script that needs a fresh one; may be null
  std::shared_ptr<ReleasedInstances> released_;
  std::unique_ptr<Realm> checking_;  // scripts are checked in it, one after the other
  int checked_ = 0;
};

}  // namespace causeway::script
