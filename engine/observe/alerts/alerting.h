// Watches an engine by its rules: looks every few seconds, keeps the book of alerts over restarts,
// has recipients told. Rules are read again when their file changes; while a new version has
// problems the old one holds. Thread-safe; has two threads of its own: one looks, one tells, so
// that a recipient who is away delays no look.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "engine/core/clock.h"
#include "engine/core/log.h"
#include "engine/observe/alerts/teller.h"

namespace causeway::observe {

struct AlertingOptions {
  std::filesystem::path rules_file;  ///< Need not be there: nothing is watched then.
  std::filesystem::path state_file;
  config::EnvironmentValues environment;
  Milliseconds look_every = std::chrono::seconds(5);
};

class Alerting {
 public:
  using Look = std::function<Situation()>;
  /// Called when an alert opens or is over, by the thread that looks. May be empty.
  using OnChange = std::function<void(const Alert&)>;

  Alerting(AlertingOptions options, Look look, Teller& teller, const Clock& clock, Log& log,
           OnChange on_change);
  ~Alerting();

  void start();
  void stop();  ///< Idempotent.

  /// One look, as the thread does: for tests with a driven clock.
  void look_once();
  /// Tells what is due, once each; those that failed wait longer each time.
  void tell_once();

  std::vector<Alert> alerts() const;
  std::vector<Silence> silences() const;
  RuleFile rules() const;
  /// What is wrong with the rules' file; empty: nothing.
  std::vector<std::string> problems() const;
  Status acknowledge(std::int64_t id, std::string by, std::string comment);
  Status silence(Silence silence);
  bool end_silence(const std::string& rule, const std::string& subject);
  /// Sends a notice that says it is a test. NotFound: there is no such recipient.
  Status test(const std::string& recipient);

 private:
  void read_rules_if_changed();
  void read_state();
  enum class Keep : std::uint8_t { IfChanged, IfOld, AtEnd };
  void keep_state(Keep when = Keep::IfChanged);
  bool waits(const std::string& recipient, SteadyTime now) const;
  void run(Milliseconds every, const std::function<void()>& step);

  const AlertingOptions options_;
  const Look look_;
  Teller& teller_;
  const Clock& clock_;
  Log& log_;
  const OnChange on_change_;

  std::mutex file_mutex_;  // guards the state's file and these; taken before mutex_
  std::uint64_t kept_changes_ = 0;
  SteadyTime kept_at_{};

  mutable std::mutex mutex_;  // guards what follows; never held while looking, telling, writing
  std::condition_variable stopping_;
  bool stopped_ = false;
  Conditions conditions_;
  AlertBook book_;
  RuleFile rules_;
  std::vector<std::string> problems_;
  std::filesystem::file_time_type rules_written_{};
  struct Backoff {
    SteadyTime until;
    int failures = 0;
  };
  std::map<std::string, Backoff> backoffs_;
  std::vector<std::thread> threads_;
};

}  // namespace causeway::observe
