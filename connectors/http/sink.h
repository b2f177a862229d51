// Sends deliveries as requests to one server. One for each destination of a channel.
//
// Threads: as a PooledSink.
#pragma once

#include "connectors/http/access_token.h"
#include "connectors/support/pooled_sink.h"

namespace causeway::connectors::http {

/// One delivery on its way through the sink.
struct Job {
  StoredDelivery delivery;
  Sink::OnOutcome on_outcome;
};

class HttpSink final : public PooledSink<HttpSink, Job, ClientConnection>,
                       private ClientConnection::Host {
 public:
  HttpSink(SinkSettings settings, const Name& name, const Environment& environment);
  ~HttpSink() override { stop(Milliseconds(0)); }

  Probe probe() override;
  std::string address() const override;

 private:
  friend PooledSink;

  std::unique_ptr<ClientConnection> make_connection();
  void prepare(Job job);
  bool may_begin();
  void send(ClientConnection& connection, Job job);
  void give_up();

  bool may_send() const override { return environment().may_send(); }
  void opened() override { instruments().note_opened(); }
  void closed(std::string_view reason) override { instruments().note_closed(reason); }

  Result<ClientRequest> request_of(const StoredDelivery& delivery, const std::string& token) const;
  Result<ClientRequest> in_envelope(ClientRequest request, const StoredDelivery& delivery) const;
  void answered(Job job, const std::string& token, Result<ClientAnswer> answer, ClientStage stage);

  const SinkSettings settings_;

  // Of the loop's thread
  std::unique_ptr<AccessToken> token_;
  bool fetching_ = false;  // a token, for those that wait
};

}  // namespace causeway::connectors::http
