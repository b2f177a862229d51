// What the database connector must do with every database: one suite for its source and its sink.
// A database brings a harness, a server of its own; see postgres_test.cpp.
#pragma once

#include "connectors/database/database.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/file_bench.h"
#include "tests/support/memory_places.h"

namespace causeway::contract {

class DatabaseHarness {
 public:
  virtual ~DatabaseHarness() = default;
  virtual std::uint16_t port() const = 0;
  /// Fields "driver" and "connection", through this port.
  virtual std::string fields(std::uint16_t port) = 0;
  virtual void stop() = 0;
  virtual void start() = 0;
  /// Runs a statement on a session of its own, committed; the first value of a query's result.
  virtual std::string run(const std::string& sql) = 0;
  /// In the database's words: inserts :id, :name; where :id is there, its name is changed.
  virtual std::string upsert() const = 0;
  /// Ends every other session, as an administrator does.
  virtual void end_sessions() = 0;
  /// What runs for a second or more.
  virtual std::string slow_statement() const = 0;
};

/// Makes tables `item` (id, name, changed) and `done` (id) anew.
void check_database(DatabaseHarness& harness);

/// The first value of the first row; "" for none. For harnesses.
std::string run_on(connectors::database::Database& database, const std::string& sql);

}  // namespace causeway::contract
