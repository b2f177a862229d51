// A stream of changes from a replication slot of PostgreSQL: the messages of its plugin pgoutput,
// and how far we have confirmed that all is ours.
//
// Used by one thread. After an error it is over; another one begins behind what was confirmed.
// Standard: PostgreSQL's documentation, "Streaming Replication Protocol".
#pragma once

#include "connectors/database/fields.h"
#include "connectors/database/pgoutput.h"

namespace causeway::connectors::database {

class PostgresConnection;

class ChangeStream {
 public:
  struct Source {
    std::string slot, publication;
  };
  /// Errors also: NotFound (no such slot), Conflict (it is in use).
  static Result<std::unique_ptr<ChangeStream>> open(const ServerSettings& settings,
                                                    const Source& source,
                                                    const std::atomic<bool>& stop);
  ~ChangeStream();

  /// The plugin's next message; none: nothing came for `patience`. Limit: more than `bytes_max`.
  Result<std::optional<std::string>> next(Milliseconds patience, std::size_t bytes_max);
  /// Tells the server that all up to there is durable here: it is not sent again.
  Status confirm(LogPosition position);
  /// The server's last word on how far its log goes, where it had nothing for us up to there.
  LogPosition idle_at() const { return idle_at_; }
  LogPosition confirmed() const { return confirmed_; }

 private:
  explicit ChangeStream(std::unique_ptr<PostgresConnection> connection);
  Status keep_alive(std::string_view message);

  const std::unique_ptr<PostgresConnection> connection_;
  LogPosition confirmed_ = 0;
  LogPosition idle_at_ = 0;
};

/// Whether the slot and the publication are there, and how far behind the slot is, in words.
Result<std::string> describe_slot(const ServerSettings& settings,
                                  const ChangeStream::Source& source);

/// "16/B374D848", as the server writes it.
std::string position_text(LogPosition position);

}  // namespace causeway::connectors::database
