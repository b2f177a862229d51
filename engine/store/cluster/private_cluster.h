// The engine's own PostgreSQL, in the data folder: made when first started, run as a child process,
// stopped with the engine. One that a killed engine left running is adopted.
//
// On a Unix socket only, peer authentication; role and database `causeway`. Not thread-safe; one
// per data folder and machine (the supervisor holds a lock). Refuses to run as root.
//
//   <data folder>/postgres/  the cluster     <data folder>/run/  the socket (see socket_folder.h)
//   <data folder>/log/       its logs, one a weekday
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/core/log.h"
#include "engine/core/result.h"
#include "engine/store/cluster/child_process.h"

namespace causeway::store {

/// How to connect, for libpq, to the private PostgreSQL of a data folder; it need not run.
std::string private_database(const std::filesystem::path& data_folder);

class PrivateCluster {
 public:
  /// Crash recovery may take minutes; longer than this it isn't waited for.
  static constexpr auto start_patience = std::chrono::minutes(30);

  PrivateCluster(const std::filesystem::path& data_folder, Log& log);

  /// Makes what is missing, adopts or starts the server, and returns when it accepts connections
  /// and has the role and the database. `give_up` is asked while waiting: Stopped. May be called
  /// again after the server died.
  Status start(const std::function<bool()>& give_up);

  /// True from a successful start until the server ends. Then `ending` says how, if known.
  bool runs();
  std::string ending() const { return ending_; }
  pid_t pid() const { return pid_; }
  /// True if the running server was found running.
  bool adopted() const { return pid_ != 0 && !child_; }

  /// Fast shutdown (open transactions are rolled back, a checkpoint is written), then immediate.
  void stop();

  std::string database() const { return private_database(data_folder_); }

 private:
  Status start_server(const std::function<bool()>& give_up);
  Status end_leftovers(const std::function<bool()>& give_up);
  Status launch();
  Status wait_until_ready(const std::function<bool()>& give_up);
  std::string last_words() const;
  Status make_database();
  bool ended_within(Milliseconds patience);

  const std::filesystem::path data_folder_;
  const std::filesystem::path cluster_;
  Log& log_;
  pid_t pid_ = 0;                      // 0: none runs
  std::optional<ChildProcess> child_;  // unless adopted
  std::string ending_;
};

}  // namespace causeway::store
