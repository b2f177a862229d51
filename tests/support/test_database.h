// A real PostgreSQL for tests: one private server for each test program, in a temporary folder on a
// Unix socket, started when first asked for; stopped and removed at the program's end. As root, the
// server runs as `nobody`. It doesn't wait for the disk (fsync off): nothing here outlives a test.
//
//   TestDatabase database;              // fresh and empty, dropped at the end of the scope
//   PQconnectdb(database.url().c_str());
//
// For one thread at a time. Throws std::runtime_error if PostgreSQL can't be had: the test fails.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace causeway::testing {

/// A server of one's own, for tests that kill it.
class TestServer {
 public:
  TestServer();
  ~TestServer();
  TestServer(const TestServer&) = delete;

  /// A libpq connection string for this database, user `causeway` (a superuser here).
  std::string url(const std::string& database) const;
  void start();  ///< Returns when it answers.
  void kill();   ///< SIGKILL to the postmaster; returns when it and its backends are gone.
  int pid() const;
  static TestServer& shared();  ///< The one that all TestDatabases of this program are in.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class TestDatabase {
 public:
  explicit TestDatabase(TestServer& server = TestServer::shared());
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;

  const std::string& url() const { return url_; }

 private:
  TestServer& server_;
  std::string name_;
  std::string url_;
};

/// Runs SQL without parameters on a connection of its own; for preparing and for looking.
/// Returns the first column of the first row, or an empty string. Throws on an error.
std::string run_sql(const std::string& url, const std::string& sql);

}  // namespace causeway::testing
