// One script loaded into a global of its own: frozen intrinsics, its modules, its `msg` and `ctx`.
// Internal to this folder. Used by its interpreter's thread, which it must not outlive.
#pragma once

#include <memory>
#include <string>

#include "engine/script/interpreter.h"

namespace causeway::script {

class Realm {
 public:
  /// Without a script, for `load` and `check`. It is most of the work (6 ms), and no script has run
  /// in it.
  static Result<std::unique_ptr<Realm>> make_bare(Interpreter& interpreter);
  /// Into a bare realm, or one made for it. Errors as those of ScriptModule::compile.
  static Result<std::unique_ptr<Realm>> load(Interpreter& interpreter,
                                             std::shared_ptr<const ScriptModule> module,
                                             std::unique_ptr<Realm> bare = nullptr);
  ~Realm();
  Realm(const Realm&) = delete;
  Realm& operator=(const Realm&) = delete;

  /// Loads a script and lets it go again. What it can reach is frozen, so that one realm checks
  /// many: to make one takes longer than most scripts. After an error the realm is not to be used
  /// again.
  Status check(const ScriptModule& module);

  /// Calls the default export within a Guard for `run` and collects what it decided.
  Result<ScriptOutput> call(CurrentRun& run);

  /// Calls so far.
  std::uint64_t calls() const { return calls_; }

 private:
  struct Roots;
  class Loading;
  explicit Realm(Interpreter& interpreter);
  Error failure(const std::string& place);

  Interpreter& interpreter_;
  std::unique_ptr<Roots> roots_;
  std::uint64_t calls_ = 0;
};

}  // namespace causeway::script
