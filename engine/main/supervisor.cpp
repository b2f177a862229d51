#include "engine/main/supervisor.h"

#include <signal.h>
#include <stdlib.h>

#include <optional>

#include "engine/main/backoff.h"
#include "engine/main/folder_lock.h"
#include "engine/store/cluster/private_cluster.h"

namespace causeway {
namespace {

using std::chrono::steady_clock;

// A child's end wakes us at once; this bounds how late we notice that an adopted server ended.
constexpr auto look_interval = Milliseconds(200);

/// SIGTERM, SIGINT, SIGHUP and SIGCHLD, taken when asked for and never in between.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&set_, number);
    ::sigprocmask(SIG_BLOCK, &set_, nullptr);
  }

  bool stop_wanted() {
    wait(Milliseconds(0));
    return stop_wanted_;
  }

  /// Until a signal comes, or for so long.
  void wait(Milliseconds patience) {
    const timespec time{static_cast<time_t>(patience.count() / 1000),
                        static_cast<long>(patience.count() % 1000) * 1'000'000};
    const int number = ::sigtimedwait(&set_, nullptr, &time);
    if (number > 0 && number != SIGCHLD) stop_wanted_ = true;
  }

 private:
  sigset_t set_;
  bool stop_wanted_ = false;
};

/// When a part was started last, and when it may be started again.
class Restarts {
 public:
  bool due() const { return steady_clock::now() >= due_; }
  void started() { started_ = steady_clock::now(); }
  Milliseconds ended() {
    const auto ran = started_ ? steady_clock::now() - *started_ : steady_clock::duration(0);
    started_.reset();
    const auto wait = backoff_.after(std::chrono::duration_cast<Milliseconds>(ran));
    due_ = steady_clock::now() + wait;
    return wait;
  }

 private:
  Backoff backoff_;
  std::optional<steady_clock::time_point> started_;
  steady_clock::time_point due_ = steady_clock::now();
};

class Supervisor {
 public:
  Supervisor(const SupervisorOptions& options, Log& log)
      : options_(options), log_(log), cluster_(options.data_folder, log) {}

  Result<int> run() {
    const std::string database = is_private() ? cluster_.database() : options_.database;
    ::setenv(database_variable, database.c_str(), 1);
    if (is_private()) {
      auto started = start_database();
      if (!started && started.error().kind == ErrorKind::Stopped) return stop_all(0);
      if (!started) {
        cluster_.stop();
        return started.error();
      }
    }
    while (!signals_.stop_wanted()) {
      if (is_private()) keep_database();
      keep_engine();
      if (final_code_) return stop_all(*final_code_);
      signals_.wait(look_interval);
    }
    return stop_all(0);
  }

 private:
  bool is_private() const { return options_.database.empty(); }

  Status start_database() {
    auto started = cluster_.start([this] { return signals_.stop_wanted(); });
    if (started) {
      database_restarts_.started();
      database_runs_ = true;
    }
    return started;
  }

  void keep_database() {
    if (cluster_.runs()) return;
    if (database_runs_) {
      database_runs_ = false;
      const auto wait = database_restarts_.ended();
      log_.error("postgresql_ended",
                 {{"how", cluster_.ending()}, {"restart_in_ms", std::to_string(wait.count())}});
    }
    if (!database_restarts_.due()) return;
    auto started = start_database();
    if (started || started.error().kind == ErrorKind::Stopped) return;
    const auto wait = database_restarts_.ended();
    log_.error("postgresql_start_failed",
               {{"why", started.error().str()}, {"retry_in_ms", std::to_string(wait.count())}});
  }

  void keep_engine() {
    if (engine_) watch_engine();
    const bool database_ready = !is_private() || database_runs_;
    if (!engine_ && !final_code_ && database_ready && engine_restarts_.due()) start_engine();
  }

  void watch_engine() {
    const auto ending = engine_->wait(Milliseconds(0));
    if (!ending) return;
    engine_.reset();
    if (ending->exit_code == exit_code_config) {
      log_.error("engine_refused_to_start", {{"how", ending->str()}});
      final_code_ = exit_code_config;
      return;
    }
    const auto wait = engine_restarts_.ended();
    log_.error("engine_ended",
               {{"how", ending->str()}, {"restart_in_ms", std::to_string(wait.count())}});
  }

  void start_engine() {
    // SIGKILL: an engine that lingers would be in the way of the next one. It is made to be killed.
    auto started = store::ChildProcess::start(
        {.words = options_.engine_command, .parent_death_signal = SIGKILL});
    if (started) {
      engine_ = *started;
      engine_restarts_.started();
      log_.info("engine_started", {{"pid", std::to_string(engine_->pid())}});
      return;
    }
    const auto wait = engine_restarts_.ended();
    log_.error("engine_start_failed",
               {{"why", started.error().str()}, {"retry_in_ms", std::to_string(wait.count())}});
  }

  int stop_all(int code) {
    if (engine_) {
      const auto ending = engine_->stop(SIGTERM, options_.engine_grace);
      log_.info("engine_stopped", {{"how", ending.str()}});
    }
    if (is_private()) {
      cluster_.stop();
      log_.info("postgresql_stopped", {{"how", cluster_.ending()}});
    }
    return code;
  }

  const SupervisorOptions& options_;
  Log& log_;
  Signals signals_;
  store::PrivateCluster cluster_;
  bool database_runs_ = false;
  Restarts database_restarts_;
  std::optional<store::ChildProcess> engine_;
  Restarts engine_restarts_;
  std::optional<int> final_code_;
};

}  // namespace

Result<int> supervise(const SupervisorOptions& options, Log& log) {
  auto lock = FolderLock::take(options.data_folder);
  if (!lock) return lock.error();
  return Supervisor(options, log).run();
}

}  // namespace causeway
