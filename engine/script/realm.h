// One script loaded into a global of its own: frozen intrinsics, its modules, its `msg` and `ctx`.
// Internal to this folder. Used by its interpreter's thread, which it must not outlive.
#pragma once

#include <memory>

#include "engine/script/interpreter.h"

namespace causeway::script {

class Realm {
 public:
  /// Errors as those of ScriptModule::compile.
  static Result<std::unique_ptr<Realm>> load(Interpreter& interpreter,
                                             std::shared_ptr<const ScriptModule> module);
  ~Realm();
  Realm(const Realm&) = delete;
  Realm& operator=(const Realm&) = delete;

  /// Calls the default export within a Guard for `run` and collects what it decided.
  Result<ScriptOutput> call(CurrentRun& run);

  /// Calls so far.
  std::uint64_t calls() const { return calls_; }

 private:
  struct Roots;
  class Loading;
  explicit Realm(Interpreter& interpreter);

  Interpreter& interpreter_;
  std::unique_ptr<Roots> roots_;
  std::uint64_t calls_ = 0;
};

}  // namespace causeway::script
