#include "connectors/http/sink.h"

#include "connectors/http/outcome.h"
#include "connectors/http/reply.h"
#include "connectors/support/connection_probe.h"

namespace causeway::connectors::http {
namespace {

/// The same at each try of a delivery.
std::string idempotency_key(const WorkRef& work) {
  return to_string(work.message) + "-" + std::to_string(work.run.value) + "-" +
         std::to_string(work.destination.value) + "-" + std::to_string(work.part);
}

}  // namespace

HttpSink::HttpSink(SinkSettings settings, const Name& name, const Environment& environment)
    : PooledSink(settings.connections, name, environment), settings_(std::move(settings)) {}

std::unique_ptr<ClientConnection> HttpSink::make_connection() {
  if (settings_.token && !token_)
    token_ =
        std::make_unique<AccessToken>(environment().loop, environment().clock, *settings_.token);
  Host& host = *this;
  return std::make_unique<ClientConnection>(
      environment().loop, ClientTarget{settings_.url.host, settings_.url.port, settings_.tls},
      settings_.rules, host);
}

void HttpSink::prepare(Job job) {
  const auto& body = job.delivery.body;
  if (body.size() > settings_.body_bytes_max)
    return job.on_outcome(not_sent(
        Outcome::Rejected, {ErrorKind::Limit, "", "longer than the destination's body_bytes_max"}));
  if (body.is_staged()) return read_body(std::move(job));
  line_up(std::move(job));
}

/// Not without a token: it is being fetched, or those that waited for it have been told why there
/// is none.
bool HttpSink::may_begin() {
  if (!token_ || !token_->current().empty()) return true;
  if (std::exchange(fetching_, true)) return false;
  token_->get([this](const Result<std::string>& token) {
    fetching_ = false;
    if (!token) {
      auto attempt = not_sent(Outcome::Deferred, token.error());
      attempt.destination_down = true;
      for (auto& job : std::exchange(waiting(), {})) job.on_outcome(attempt);
    }
    assign();
  });
  return false;
}

void HttpSink::send(ClientConnection& connection, Job job) {
  const auto token = token_ ? token_->current() : std::string();
  auto request = request_of(job.delivery, token);
  if (!request) return job.on_outcome(not_sent(Outcome::Rejected, request.error()));
  note_begun(job);
  auto shared = std::make_shared<Job>(std::move(job));
  connection.send(std::move(*request),
                  [this, shared, token](Result<ClientAnswer> answer, ClientStage stage) {
                    answered(std::move(*shared), token, std::move(answer), stage);
                  });
}

void HttpSink::give_up() {
  if (token_) token_->give_up();
  token_.reset();
  fetching_ = false;
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

void HttpSink::answered(Job job, const std::string& token, Result<ClientAnswer> answer,
                        ClientStage stage) {
  auto attempt = attempt_of(answer, stage, {settings_.idempotent, environment().clock.now()});
  if (settings_.soap != Soap::None && answer && stage == ClientStage::Answered)
    attempt = soap_attempt(std::move(attempt), *answer, settings_.soap, settings_.idempotent);
  // A token that has been taken back: the next try shows another.
  if (token_ && answer && answer->head.status == 401) {
    token_->refused(token);
    attempt.outcome = Outcome::Deferred;
  }
  if (attempt.reason.kind != ErrorKind::None && attempt.reason.place.empty())
    attempt.reason.place = settings_.url.authority();
  finish(std::move(job), std::move(attempt));
}

Probe HttpSink::probe() {
  return probe_connection(environment().loop,
                          {settings_.url.host, settings_.url.port, settings_.rules.connect_timeout},
                          settings_.tls);
}

std::string HttpSink::address() const {
  return (settings_.url.secure ? "https://" : "http://") +
         host_and_port(settings_.url.host, settings_.url.port);
}

}  // namespace causeway::connectors::http
