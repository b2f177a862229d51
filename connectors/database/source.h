// Polls a database by a query, and offers its rows. One for each source of a channel.
//
// By watermark: rows at or behind the greatest value that was read; how far it is, is kept in the
// store. By mark: rows that a statement marks when they are stored, in the transaction that has
// read them. Either way each row is stored once, whatever is killed when.
//
// The public methods are thread-safe; everything else is of one thread of its own. Content of rows
// stays out of logs and metrics.
#pragma once

#include "connectors/database/reading.h"
#include "connectors/support/polling_thread.h"

namespace causeway::connectors::database {

class DatabaseSource final : public Source, private PollingThread::Looker {
 public:
  DatabaseSource(SourceSettings settings, std::unique_ptr<Database> database, const Name& name,
                 const Environment& environment);
  ~DatabaseSource() override { stop(Milliseconds(0)); }

  Status start(Intake& intake) override;
  void stop(Milliseconds grace) override { thread_.stop(grace); }
  void pause(bool paused) override { thread_.pause(paused); }
  Probe probe() override;
  std::string address() const override { return database_->address(); }
  /// Nobody waits for an answer to a row.
  std::string compose_reply(std::string_view, const Verdict&) const override { return {}; }

 private:
  struct Instruments {
    Instruments(Metrics& metrics, const std::string& channel);
    Counter& looks_failed;
    Counter& messages;
    Counter& again;
    Counter& refused;
  };

  Milliseconds look(Intake& intake) override;
  void rest() override;
  void close() override { session_.reset(); }

  /// Rows that were new.
  Result<std::uint64_t> read(Intake& intake);
  Result<std::uint64_t> read_by_watermark(Intake& intake);
  Result<std::uint64_t> read_by_mark(Intake& intake);
  Status mark(const Rows& rows, const std::vector<std::uint64_t>& refused);
  Result<Taken> take(Intake& intake, const Rows& rows);
  Status load_place();
  Status keep_place(const Rows& rows);
  Status open_session();
  void look_failed(const Error& error);
  Call query() const;
  PlaceName place_name() const;

  const SourceSettings settings_;
  const std::unique_ptr<Database> database_;
  const Name name_;
  const Environment environment_;
  Instruments instruments_;

  // Of the thread
  std::unique_ptr<Session> session_;
  SteadyTime used_;  // when the session was
  std::optional<std::string> place_;
  bool away_ = false;  // the last look failed

  PollingThread thread_;
  const RowIntake rows_;
};

}  // namespace causeway::connectors::database
