// What every sink counts, and the outcomes of tries that have sent nothing.
#pragma once

#include "connectors/support/connector.h"
#include "connectors/support/event_loop.h"

namespace causeway::connectors {

/// Of the loop's thread.
class SinkInstruments {
 public:
  SinkInstruments(Metrics& metrics, const Name& name);

  void note_message(std::uint64_t bytes) {
    messages_.add();
    message_bytes_.add(bytes);
  }
  void note_opened() {
    connections_.add(1);
    opened_.add();
  }
  void note_closed(std::string_view reason);
  /// One of this sink; `label`: "code=\"AE\"".
  Counter& counter(const std::string& metric, const std::string& label) const;

 private:
  Metrics& metrics_;
  const std::string labels_;
  Gauge& connections_;
  Counter& opened_;
  Counter& messages_;
  Counter& message_bytes_;
};

Attempt not_sent(Outcome outcome, Error error);
/// Deferred: the sink has stopped before it was sent.
Attempt stopped_before_sending();

/// A caller that waits for the loop mustn't be on it.
void check_not_on(const EventLoop& loop);

}  // namespace causeway::connectors
