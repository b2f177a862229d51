// Writes deliveries into files of a folder. One for each destination of a channel, whatever the
// protocol.
//
// Thread-safe. Deliveries wait in order for one of `connections` threads, each with a session.
#pragma once

#include "connectors/support/delivery_threads.h"
#include "connectors/support/folder/file_writing.h"

namespace causeway::connectors::folder {

class FolderSink final : public Sink {
 public:
  FolderSink(SinkSettings settings, std::unique_ptr<Opener> opener, const Name& name,
             const Environment& environment);

  Status start() override { return threads_.start(); }
  void stop(Milliseconds grace) override { threads_.stop(grace); }
  void deliver(StoredDelivery delivery, OnOutcome on_outcome) override {
    threads_.deliver(std::move(delivery), std::move(on_outcome));
  }
  int concurrency() const override;
  Probe probe() override;
  std::string address() const override { return opener_->address(); }

 private:
  class FileSender;

  const SinkSettings settings_;
  const std::unique_ptr<Opener> opener_;
  const Environment environment_;
  Counter& sessions_;
  DeliveryThreads threads_;
};

}  // namespace causeway::connectors::folder
