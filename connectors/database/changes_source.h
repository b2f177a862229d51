// Reads what changes in a PostgreSQL database, as its logical replication tells it: each changed
// row is a message, in the order of the commits.
//
// The server keeps what isn't confirmed, and sends it again; it is confirmed when it is committed
// in our store, which knows each change by its place in the server's log. So each is stored once,
// whatever is killed when, and nothing is lost while nobody reads.
//
// The public methods are thread-safe; everything else is of one thread of its own.
#pragma once

#include "connectors/database/replication.h"
#include "connectors/support/connector.h"
#include "connectors/support/polling_thread.h"

namespace causeway::connectors::database {

class ChangesSource final : public Source, private PollingThread::Looker {
 public:
  ChangesSource(SourceSettings settings, ServerSettings server, std::unique_ptr<Database> database,
                const Name& name, const Environment& environment);
  ~ChangesSource() override { stop(Milliseconds(0)); }

  Status start(Intake& intake) override;
  void stop(Milliseconds grace) override { thread_.stop(grace); }
  void pause(bool paused) override { thread_.pause(paused); }
  Probe probe() override;
  std::string address() const override { return database_->address(); }
  /// Nobody waits for an answer to a change.
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
  void rest() override {}
  void close() override { end_stream(); }

  Status read(Intake& intake);
  Status take(Intake& intake, std::string_view message);
  Status offer(Intake& intake, const Change& change);
  /// Waits for what was offered, and confirms it.
  Status confirm();
  void end_stream();
  void count();

  const SourceSettings settings_;
  const ServerSettings server_;
  const std::unique_ptr<Database> database_;
  const Name name_;
  const Environment environment_;
  Instruments instruments_;

  // Of the thread, and of one stream
  std::unique_ptr<ChangeStream> stream_;
  ChangeDecoder decoder_;
  std::unique_ptr<Offering> offering_;  // none: nothing is on its way
  std::optional<Begin> transaction_;    // that is being read
  std::uint64_t place_ = 0;             // of the last change in it
  LogPosition committed_ = 0;           // up to there all has been offered

  bool away_ = false;
  PollingThread thread_;
};

}  // namespace causeway::connectors::database
