// Sends deliveries by mail. One for each destination of a channel. Thread-safe; deliveries wait for
// one of `connections` threads, each with a session.
#pragma once

#include "connectors/email/fields.h"
#include "connectors/support/delivery_threads.h"

namespace causeway::connectors::email {

class EmailSink final : public Sink {
 public:
  EmailSink(SinkSettings settings, const Name& name, const Environment& environment);

  Status start() override { return threads_.start(); }
  void stop(Milliseconds grace) override { threads_.stop(grace); }
  void deliver(StoredDelivery delivery, OnOutcome on_outcome) override {
    threads_.deliver(std::move(delivery), std::move(on_outcome));
  }
  int concurrency() const override { return static_cast<int>(settings_.connections); }
  Probe probe() override;
  std::string address() const override;

 private:
  class MailSender;

  const SinkSettings settings_;
  const Environment environment_;
  DeliveryThreads threads_;
};

}  // namespace causeway::connectors::email
