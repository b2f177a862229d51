#include "connectors/http/sink.h"

#include "connectors/http/outcome.h"
#include "connectors/http/reply.h"
#include "connectors/support/connection_probe.h"
#include "connectors/support/staged_body.h"
#include "engine/core/check.h"

namespace causeway::connectors::http {
namespace {

std::string labels(const Name& name) {
  return "channel=\"" + name.channel + "\",destination=\"" + name.end + "\"";
}

Attempt not_sent(Outcome outcome, Error error) {
  Attempt attempt;
  attempt.outcome = outcome;
  attempt.reason = std::move(error);
  return attempt;
}

Attempt stopped() {
  return not_sent(Outcome::Deferred, {ErrorKind::Stopped, "", "stopped"});
}

/// The same at each try of a delivery.
std::string idempotency_key(const WorkRef& work) {
  return to_string(work.message) + "-" + std::to_string(work.run.value) + "-" +
         std::to_string(work.destination.value) + "-" + std::to_string(work.part);
}

}  // namespace

HttpSink::Instruments::Instruments(Metrics& metrics, const Name& name)
    : connections(metrics.gauge("causeway_sink_connections", labels(name))),
      opened(metrics.counter("causeway_sink_connections_total", labels(name))),
      messages(metrics.counter("causeway_sink_messages_total", labels(name))),
      message_bytes(metrics.counter("causeway_sink_message_bytes_total", labels(name))) {}

HttpSink::HttpSink(SinkSettings settings, const Name& name, const Environment& environment)
    : settings_(std::move(settings)),
      name_(name),
      environment_(environment),
      instruments_(environment.metrics, name) {}

HttpSink::~HttpSink() {
  stop(Milliseconds(0));
}

Status HttpSink::start() {
  environment_.loop.run_and_wait([this] { begin(); });
  return Done{};
}

void HttpSink::begin() {
  std::lock_guard lock(mutex_);
  if (inbox_) return;
  stopping_ = fetching_ = false;
  reader_ = std::make_unique<Background>();
  ClientConnection::Host& host = *this;
  for (std::size_t i = 0; i < settings_.connections; ++i)
    connections_.push_back(std::make_unique<ClientConnection>(
        environment_.loop, ClientTarget{settings_.url.host, settings_.url.port, settings_.tls},
        settings_.rules, host));
  if (settings_.token)
    token_ = std::make_unique<AccessToken>(environment_.loop, environment_.clock, *settings_.token);
  inbox_ = std::make_shared<Jobs>(environment_.loop, *this);
}

void HttpSink::deliver(StoredDelivery delivery, OnOutcome on_outcome) {
  Job job{std::move(delivery), std::move(on_outcome)};
  std::shared_ptr<Jobs> inbox;
  {
    std::lock_guard lock(mutex_);
    inbox = inbox_;
  }
  if (inbox && inbox->put(std::move(job))) return;
  environment_.loop.post([on_outcome = std::move(job.on_outcome)] { on_outcome(stopped()); });
}

void HttpSink::take(std::vector<Job> jobs) {
  for (auto& job : jobs) {
    if (stopping_)
      job.on_outcome(stopped());
    else
      prepare(std::move(job));
  }
  assign();
}

void HttpSink::prepare(Job job) {
  const auto& body = job.delivery.body;
  if (body.size() > settings_.body_bytes_max)
    return job.on_outcome(not_sent(
        Outcome::Rejected, {ErrorKind::Limit, "", "longer than the destination's body_bytes_max"}));
  if (body.is_staged()) return read_body(std::move(job));
  waiting_.push_back(std::move(job));
}

void HttpSink::read_body(Job job) {
  const auto number = next_reading_++;
  const auto body = job.delivery.body;
  reading_.emplace(number, std::move(job));
  std::lock_guard lock(mutex_);
  reader_->run([inbox = inbox_, staging = environment_.staging, body, number] {
    inbox->post([number, bytes = read_staged(staging, body)](HttpSink& self) {
      self.body_read(number, bytes);
    });
  });
}

void HttpSink::body_read(std::uint64_t number, Result<std::string> bytes) {
  auto found = reading_.extract(number);
  if (!found) return;  // stopped meanwhile
  auto job = std::move(found.mapped());
  if (!bytes) return job.on_outcome(not_sent(Outcome::Deferred, bytes.error()));
  job.delivery.body = Body(make_bytes(std::move(*bytes)));
  prepare(std::move(job));
  assign();
}

/// False: it is being fetched, or those that waited for it have been told why there is none.
bool HttpSink::has_token() {
  if (!token_ || !token_->current().empty()) return true;
  if (std::exchange(fetching_, true)) return false;
  token_->get([this](const Result<std::string>& token) {
    fetching_ = false;
    if (!token) {
      auto attempt = not_sent(Outcome::Deferred, token.error());
      attempt.destination_down = true;
      for (auto& job : std::exchange(waiting_, {})) job.on_outcome(attempt);
    }
    assign();
  });
  return false;
}

/// Not recursive: a try that ends at once comes back to the loop here.
void HttpSink::assign() {
  if (std::exchange(assigning_, true)) return;
  while (!waiting_.empty() && has_token()) {
    auto* connection = free_connection();
    if (!connection) break;
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    send(*connection, std::move(job), token_ ? token_->current() : std::string());
  }
  assigning_ = false;
}

ClientConnection* HttpSink::free_connection() {
  ClientConnection* free = nullptr;
  for (const auto& connection : connections_) {
    if (connection->is_busy()) continue;
    if (connection->is_connected()) return connection.get();
    free = connection.get();
  }
  return free;
}

void HttpSink::send(ClientConnection& connection, Job job, const std::string& token) {
  auto request = request_of(job.delivery, token);
  if (!request) return job.on_outcome(not_sent(Outcome::Rejected, request.error()));
  instruments_.messages.add();
  instruments_.message_bytes.add(job.delivery.body.size());
  {
    std::lock_guard lock(mutex_);
    ++busy_;
  }
  auto shared = std::make_shared<Job>(std::move(job));
  connection.send(std::move(*request),
                  [this, shared, token](Result<ClientAnswer> answer, ClientStage stage) {
                    finished(std::move(*shared), token, std::move(answer), stage);
                  });
}

Result<ClientRequest> HttpSink::request_of(const StoredDelivery& delivery,
                                           const std::string& token) const {
  auto method = settings_.method.expand(delivery.attributes);
  if (!method) return method.error();
  if (!is_token(*method)) return Error{ErrorKind::Invalid, "method", "it is no method"};
  auto target = settings_.target.expand(delivery.attributes);
  if (!target) return target.error();
  ClientRequest request;
  request.head_only = *method == "HEAD";
  request.head = *method + " " + *target + " HTTP/1.1\r\nhost: " + settings_.url.authority() +
                 "\r\n" + settings_.authorization;
  if (!token.empty()) request.head += "authorization: Bearer " + token + "\r\n";
  bool typed = false;
  for (const auto& [name, value] : settings_.headers) {
    const auto text = value.expand(delivery.attributes);
    if (!text && text.error().kind == ErrorKind::NotFound) continue;
    if (!text) return text.error();
    typed = typed || name == "content-type";
    request.head.append(name).append(": ").append(*text).append("\r\n");
  }
  if (settings_.sends_idempotency_key)
    request.head += "idempotency-key: " + idempotency_key(delivery.work) + "\r\n";
  if (settings_.soap != Soap::None) return in_envelope(std::move(request), delivery);
  const auto size = delivery.body.size();
  const bool bare = size == 0 && (*method == "GET" || *method == "HEAD" || *method == "DELETE");
  if (!bare) {
    const auto type = settings_.content_type.empty() ? media_type_of(delivery.content_type)
                                                     : std::string_view(settings_.content_type);
    if (!typed) request.head.append("content-type: ").append(type).append("\r\n");
    request.head += "content-length: " + std::to_string(size) + "\r\n";
    request.body = delivery.body.bytes();
  }
  request.head += "\r\n";
  return request;
}

Result<ClientRequest> HttpSink::in_envelope(ClientRequest request,
                                            const StoredDelivery& delivery) const {
  auto action = settings_.soap_action.expand(delivery.attributes);
  if (!action) return action.error();
  if (action->find('"') != action->npos)
    return Error{ErrorKind::Invalid, "soap_action", "it has a quote"};
  auto text = put_in_envelope(delivery.body.view(), settings_.soap);
  if (!text) return text.error();
  request.head += soap_headers(settings_.soap, *action);
  request.head += "content-length: " + std::to_string(text->size()) + "\r\n\r\n";
  request.body = make_bytes(std::move(*text));
  return request;
}

void HttpSink::finished(Job job, const std::string& token, Result<ClientAnswer> answer,
                        ClientStage stage) {
  auto attempt = attempt_of(answer, stage, {settings_.idempotent, environment_.clock.now()});
  if (settings_.soap != Soap::None && answer && stage == ClientStage::Answered)
    attempt = soap_attempt(std::move(attempt), *answer, settings_.soap, settings_.idempotent);
  // A token that has been taken back: the next try shows another.
  if (token_ && answer && answer->head.status == 401) {
    token_->refused(token);
    attempt.outcome = Outcome::Deferred;
  }
  if (attempt.reason.kind != ErrorKind::None && attempt.reason.place.empty())
    attempt.reason.place = settings_.url.authority();
  over(std::move(job), std::move(attempt));
}

void HttpSink::over(Job job, Attempt attempt) {
  job.on_outcome(std::move(attempt));
  {
    std::lock_guard lock(mutex_);
    if (--busy_ == 0) all_done_.notify_all();
  }
  assign();
}

void HttpSink::opened() {
  instruments_.connections.add(1);
  instruments_.opened.add();
}

void HttpSink::closed(std::string_view reason) {
  instruments_.connections.add(-1);
  environment_.metrics
      .counter("causeway_sink_connections_closed_total",
               labels(name_) + ",reason=\"" + std::string(reason) + "\"")
      .add();
}

void HttpSink::stop(Milliseconds grace) {
  CHECK(!environment_.loop.on_loop_thread());
  environment_.loop.run_and_wait([this] { begin_stop(); });
  {
    std::unique_lock lock(mutex_);
    all_done_.wait_for(lock, grace, [this] { return busy_ == 0; });
  }
  std::unique_ptr<Background> reader;
  environment_.loop.run_and_wait([&] {
    end_all();
    reader = std::move(reader_);
  });
}

void HttpSink::begin_stop() {
  stopping_ = true;
  for (auto& job : std::exchange(waiting_, {})) job.on_outcome(stopped());
  for (auto& [number, job] : std::exchange(reading_, {})) job.on_outcome(stopped());
  for (const auto& connection : connections_) connection->give_up_unsent();
}

void HttpSink::end_all() {
  for (const auto& connection : connections_) connection->give_up();
  if (token_) token_->give_up();
  connections_.clear();
  token_.reset();
  std::shared_ptr<Jobs> inbox;
  {
    std::lock_guard lock(mutex_);
    inbox = std::move(inbox_);
  }
  if (!inbox) return;
  for (auto& job : inbox->close()) job.on_outcome(stopped());
}

Probe HttpSink::probe() {
  return probe_connection(environment_.loop,
                          {settings_.url.host, settings_.url.port, settings_.rules.connect_timeout},
                          settings_.tls);
}

std::string HttpSink::address() const {
  return (settings_.url.secure ? "https://" : "http://") +
         host_and_port(settings_.url.host, settings_.url.port);
}

}  // namespace causeway::connectors::http
