#include "connectors/database/sink.h"

#include "connectors/database/parameters.h"
#include "connectors/support/exact_json.h"
#include "connectors/support/staged_body.h"
#include "engine/core/limits.h"

namespace causeway::connectors::database {
namespace {

/// Of one delivery's content.
constexpr std::size_t content_bytes_max = 16 * 1024 * 1024;

Attempt rejected(Error error) {
  Attempt attempt;
  attempt.outcome = Outcome::Rejected;
  attempt.reason = std::move(error);
  return attempt;
}

Attempt delivered(const std::vector<std::int64_t>& changed) {
  Attempt attempt;
  attempt.outcome = Outcome::Delivered;
  attempt.response = "{\"rows\":[";
  for (std::size_t i = 0; i < changed.size(); ++i)
    attempt.response += (i > 0 ? "," : "") + std::to_string(changed[i]);
  attempt.response += "]}";
  return attempt;
}

}  // namespace

Attempt not_written(const Error& error) {
  switch (error.kind) {
    case ErrorKind::Refused:
    case ErrorKind::Limit:
      return rejected(error);
    case ErrorKind::Conflict:
    case ErrorKind::TimedOut:
    case ErrorKind::Stopped:
      return deferred(error, false);
    default:
      // Also a statement that can't be run or is not permitted: no content would help it.
      return deferred(error, true);
  }
}

/// One session, and what is written by it.
class DatabaseSink::RowSender final : public DeliveryThreads::Sender {
 public:
  RowSender(const DatabaseSink& sink, const std::atomic<bool>& cut) : sink_(sink), cut_(cut) {}

  Attempt send(const StoredDelivery& delivery) override {
    auto calls = calls_of(delivery);
    if (!calls) {
      const bool is_content =
          calls.error().kind == ErrorKind::Invalid || calls.error().kind == ErrorKind::Limit;
      return is_content ? rejected(calls.error()) : deferred(calls.error(), false);
    }
    const bool kept = session_ != nullptr;
    auto attempt = try_once(*calls);
    // A session that was kept may have been closed by the server while nothing was done.
    const bool again = kept && !session_ && attempt.outcome == Outcome::Deferred &&
                       attempt.reason.kind == ErrorKind::Unavailable;
    return again ? try_once(*calls) : attempt;
  }
  void rest() override { session_.reset(); }

 private:
  using Calls = std::vector<std::vector<Call>>;  // of each statement

  Result<Calls> calls_of(const StoredDelivery& delivery) const {
    if (delivery.body.size() > content_bytes_max)
      return Error{ErrorKind::Limit, "", "the content has more than 16 MiB"};
    std::string staged;
    if (delivery.body.is_staged()) {
      auto read = read_staged(sink_.environment_.staging, delivery.body);
      if (!read) return read.error();
      staged = std::move(*read);
    }
    auto content = parse_json(delivery.body.is_staged() ? staged : delivery.body.view());
    if (!content) return content.error();
    Calls all;
    for (const auto& statement : sink_.settings_.statements) {
      auto calls = calls_for(statement, *content);
      if (!calls) return calls.error();
      all.push_back(std::move(*calls));
    }
    return all;
  }

  Attempt try_once(const Calls& calls) {
    if (!session_) {
      auto opened = sink_.database_->open(cut_);
      if (!opened) return deferred(opened.error(), opened.error().kind != ErrorKind::Stopped);
      sink_.sessions_.add();
      session_ = std::move(*opened);
    }
    if (!sink_.environment_.may_send()) return deferred({ErrorKind::Stopped, "", "stopped"}, false);
    auto changed = write(calls);
    if (!changed) return given_up(changed.error());
    // The statements may have taken long; so far nothing has happened.
    if (!sink_.environment_.may_send()) return given_up({ErrorKind::Stopped, "", "stopped"});
    return commit(*changed);
  }

  Result<std::vector<std::int64_t>> write(const Calls& calls) {
    if (auto begun = session_->begin(Session::Access::Write); !begun) return begun.error();
    std::vector<std::int64_t> changed;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      std::int64_t rows = 0;
      for (const auto& call : calls[i]) {
        auto done = session_->change(call);
        if (!done) return done.error();
        const auto least = sink_.settings_.statements[i].rows_min;
        if (*done < least)
          return Error{ErrorKind::Refused, "statement " + std::to_string(i + 1),
                       "it changed " + std::to_string(*done) + " rows, and has to change " +
                           std::to_string(least)};
        rows += *done;
      }
      changed.push_back(rows);
    }
    return changed;
  }

  Attempt given_up(const Error& error) {
    if (session_->is_lost() || !session_->roll_back()) session_.reset();
    return not_written(error);
  }

  Attempt commit(const std::vector<std::int64_t>& changed) {
    const auto committed = session_->commit();
    if (committed) return delivered(changed);
    if (!session_->is_lost()) return not_written(committed.error());
    session_.reset();
    Attempt attempt;
    attempt.outcome = Outcome::Ambiguous;
    attempt.reason = committed.error();
    return attempt;
  }

  const DatabaseSink& sink_;
  const std::atomic<bool>& cut_;
  std::unique_ptr<Session> session_;
};

DatabaseSink::DatabaseSink(SinkSettings settings, std::unique_ptr<Database> database,
                           const Name& name, const Environment& environment)
    : settings_(std::move(settings)),
      database_(std::move(database)),
      environment_(environment),
      sessions_(environment.metrics.counter("causeway_sink_connections_total", sink_labels(name))),
      threads_(
          [this](const std::atomic<bool>& cut) { return std::make_unique<RowSender>(*this, cut); },
          settings_.connections, name, environment) {}

Probe DatabaseSink::probe() {
  const std::atomic<bool> never{false};
  auto session = database_->open(never);
  if (!session) return {false, address() + ": " + session.error().str()};
  auto begun = (*session)->begin(Session::Access::Write);
  if (begun) begun = (*session)->roll_back();
  if (!begun) return {false, address() + ": " + begun.error().str()};
  return {true, address() + " can be reached, and written to"};
}

}  // namespace causeway::connectors::database
