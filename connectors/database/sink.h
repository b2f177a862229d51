// Writes deliveries into a database: the JSON of each by the configured statements, in one
// transaction. One for each destination of a channel. Thread-safe; deliveries wait for one of
// `connections` threads, each with a session.
//
// Until COMMIT is sent any failure is Deferred or Rejected, by the server's SQLSTATE; what is lost
// while it is under way is Ambiguous.
#pragma once

#include "connectors/database/fields.h"
#include "connectors/support/delivery_threads.h"

namespace causeway::connectors::database {

class DatabaseSink final : public Sink {
 public:
  DatabaseSink(SinkSettings settings, std::unique_ptr<Database> database, const Name& name,
               const Environment& environment);

  Status start() override { return threads_.start(); }
  void stop(Milliseconds grace) override { threads_.stop(grace); }
  void deliver(StoredDelivery delivery, OnOutcome on_outcome) override {
    threads_.deliver(std::move(delivery), std::move(on_outcome));
  }
  int concurrency() const override { return static_cast<int>(settings_.connections); }
  Probe probe() override;
  std::string address() const override { return database_->address(); }

 private:
  class RowSender;

  const SinkSettings settings_;
  const std::unique_ptr<Database> database_;
  const Environment environment_;
  Counter& sessions_;
  DeliveryThreads threads_;
};

/// How a try ended that failed with `error` before it was committed.
Attempt not_written(const Error& error);

}  // namespace causeway::connectors::database
