// What the admin API works with, of an engine: its store's readers, events, and how its parts are.
// Its parts outlive it. Thread-safe as they are.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "engine/api/services.h"
#include "engine/channel/failure_log.h"
#include "engine/channel/replay_runner.h"
#include "engine/main/past_runs.h"
#include "engine/store/store.h"

namespace causeway {

/// The key that signs heads of the audit trail, and the file that they are written to.
std::filesystem::path audit_key_file(const std::filesystem::path& data_folder);
std::filesystem::path audit_heads_file(const std::filesystem::path& data_folder);

class ApiServices {
 public:
  struct Parts {
    const Clock& clock;
    Log& log;
    Metrics& metrics;
    store::PostgresStore& store;
    std::filesystem::path data_folder;
    NodeId node;
    std::function<void()> before_metrics;
    channel::Control& channels;
    std::function<std::string()> channels_trouble;  ///< Empty: all run.
    channel::Mending::Find find_channel;
    PastRuns& past_runs;
    observe::Alerting& alerting;
  };
  static Result<std::unique_ptr<ApiServices>> make(Parts parts);

  const api::Services& services() const { return services_; }
  /// Takes up the replays that are open.
  void start() { replays_.start(); }
  /// Before channels and journal are stopped.
  void stop() { replays_.stop(); }
  /// To who follows /api/events.
  void tell(const std::deque<channel::FailureLog::Notice>& notices);
  api::Events& events() { return events_; }
  /// The first administrator's one-time password, if no user has been made yet; else empty.
  Result<std::string> first_password() { return identity_.make_first_administrator(); }

 private:
  ApiServices(Parts parts, std::unique_ptr<security::Audit> audit);
  Result<security::AuditVerdict> verify();
  std::vector<api::Component> components();
  Result<Receipt> offer(const std::string& path, Draft draft);
  void tell_replay(const ReplayTask& task);
  Result<channel::ReplayRunner::Found> find_originals(const std::string& selection,
                                                      MessageId before);

  Parts parts_;
  api::Names names_;
  api::Events events_;
  security::Identity identity_;
  std::unique_ptr<security::Audit> audit_;
  channel::Mending mending_;
  channel::Holding holding_;
  channel::ReplayRunner replays_;
  api::Uploads uploads_;
  api::Services services_;
};

}  // namespace causeway
