#include "connectors/http/server_connection.h"

#include "connectors/http/answer_text.h"
#include "connectors/http/reply.h"
#include "engine/core/check.h"

namespace causeway::connectors::http {
namespace {

constexpr auto handshake_timeout = std::chrono::seconds(10);
/// Of the body of a request that has been refused: it is read, so that the answer isn't lost with
/// the connection.
constexpr std::uint64_t passed_over_max = 1024 * 1024;
constexpr std::string_view go_ahead = "HTTP/1.1 100 Continue\r\n\r\n";

SteadyTime steady_now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

ServerConnection::ServerConnection(std::uint64_t id, Socket socket, std::string peer, Host& host)
    : AcceptedConnection(id, std::move(peer)),
      host_(host),
      stream_(host.loop(), std::move(socket), host.settings().tls, *this),
      parser_(Parser::Kind::Request, host.settings().header_bytes_max),
      last_active_(steady_now()) {}

ServerConnection::~ServerConnection() = default;

void ServerConnection::on_open() {
  is_open_ = true;
  last_active_ = steady_now();
  update_reading();
}

void ServerConnection::on_bytes(std::string_view bytes) {
  last_active_ = steady_now();
  if (!parser_.in_message()) request_begun_ = last_active_;
  unparsed_ += bytes;
  read_requests();
}

void ServerConnection::resume() {
  if (!closed_ && is_open_) read_requests();
}

/// Not recursive: what is answered at once comes back to it here.
void ServerConnection::read_requests() {
  if (std::exchange(reading_requests_, true)) return;
  std::string_view bytes = unparsed_;
  while (may_read()) {
    if (incoming_ && incoming_->held_back) {
      incoming_->held_back = false;
      expect_body();
      give_go_ahead();
      continue;
    }
    const auto event = parser_.next(bytes);
    if (event == Parser::Event::NeedMore || !handle(event)) break;
  }
  reading_requests_ = false;
  if (closed_) return;
  unparsed_.erase(0, unparsed_.size() - bytes.size());
  if (unparsed_.empty()) unparsed_.shrink_to_fit();
  if (!hold_bytes()) return close("buffers_full");
  update_reading();
  send_answers();
}

bool ServerConnection::may_read() const {
  if (closed_ || !is_open_) return false;
  if (!incoming_)
    return !no_more_ && !(draining_ && !parser_.in_message()) &&
           expected_.size() < host_.settings().unanswered_max;
  if (incoming_->collecting || (incoming_->body && incoming_->body->is_busy())) return false;
  return !incoming_->held_back || incoming_->route->receiver->may_offer();
}

/// False: nothing of what has come is to be read on now.
bool ServerConnection::handle(Parser::Event event) {
  switch (event) {
    case Parser::Event::Head:
      begin_request();
      return true;
    case Parser::Event::Body:
      take_body(parser_.body());
      return true;
    case Parser::Event::End:
      parser_.restart();
      end_request();
      return true;
    case Parser::Event::Fault:
      refuse_and_close(parser_.head_too_large() ? 431 : 400, parser_.fault());
      return false;
    case Parser::Event::NeedMore:
      break;
  }
  return false;
}

void ServerConnection::begin_request() {
  const auto& head = parser_.head();
  Incoming incoming;
  Expected expected;
  expected.head_only = head.method == "HEAD";
  expected.packs = list_has(head.header_or_empty("accept-encoding"), "gzip");
  expected.last = !head.keeps_alive;
  expected.old_version = head.version < 11;
  no_more_ = expected.last;
  expected_.push_back(std::move(expected));
  if (!admit(incoming)) incoming.route = nullptr;
  incoming_ = std::move(incoming);
  if (!incoming_->route) return;
  expected_.back().route = incoming_->route;
  incoming_->route->receiver->begun();
  incoming_->held_back = true;
}

/// False: it has been answered.
bool ServerConnection::admit(Incoming& incoming) {
  const auto& head = parser_.head();
  if (head.version >= 11 && !head.header("host"))
    return refuse(nullptr, 400, "the request has no Host", "no_host");
  if (!find_route(incoming, head) || !check_sender(incoming, head) || !check_head(incoming, head) ||
      !check_body(incoming, head))
    return false;
  incoming.request.head = head;
  return true;
}

void ServerConnection::expect_body() {
  const auto& head = incoming_->request.head;
  const auto& settings = incoming_->route->receiver->settings();
  const auto coding = lower_case(head.header_or_empty("content-encoding"));
  const bool in_memory = settings.takes_apart(head.header_or_empty("content-type"));
  incoming_->body = std::make_unique<BodyCollector>(
      BodyCollector::Rules{settings.body_bytes_max, coding == "gzip" || coding == "x-gzip",
                           in_memory},
      incoming_->route->receiver->places(), [this] {
        if (incoming_ && incoming_->body && incoming_->body->failure())
          body_failed(*incoming_->body->failure());
        resume();
      });
}

void ServerConnection::reroute(const Route& from, std::shared_ptr<const Route> to) {
  if (closed_ || !incoming_ || !incoming_->held_back || incoming_->route.get() != &from) return;
  from.receiver->over();
  incoming_->route = expected_.back().route = to;
  if (to) {
    to->receiver->begun();
  } else {
    incoming_->held_back = false;
    refuse(nullptr, 503, "", "stopped");
  }
  resume();
}

bool ServerConnection::find_route(Incoming& incoming, const Head& head) {
  auto target = parse_target(head.target);
  if (!target) return refuse(nullptr, 400, target.error().text, "bad_target");
  auto found = host_.find(head.method, target->segments);
  if (!found.route && found.other_methods.empty())
    return refuse(nullptr, 404, "nothing is here", "no_route");
  if (!found.route)
    return refuse(nullptr, 405, "", "method", "allow: " + found.other_methods + "\r\n");
  incoming.route = std::move(found.route);
  incoming.request.target = std::move(*target);
  incoming.request.path_values = std::move(found.values);
  return true;
}

bool ServerConnection::check_sender(Incoming& incoming, const Head& head) {
  const auto& authentication = incoming.route->receiver->settings().authentication;
  auto outcome = authentication.check(head, stream_.peer_name(), host_.now());
  if (!outcome.good)
    return refuse(incoming.route, outcome.status, "", outcome.word, outcome.challenge);
  incoming.request.sender = {peer(), std::move(outcome.name)};
  return true;
}

bool ServerConnection::check_head(const Incoming& incoming, const Head& head) {
  const auto coding = lower_case(head.header_or_empty("content-encoding"));
  if (!coding.empty() && coding != "gzip" && coding != "x-gzip" && coding != "identity")
    return refuse(incoming.route, 415, "bodies may be packed by gzip alone", "content_encoding",
                  "accept-encoding: gzip\r\n");
  const auto* expect = head.header("expect");
  if (expect && lower_case(*expect) != "100-continue")
    return refuse(incoming.route, 417, "", "expectation");
  return true;
}

bool ServerConnection::check_body(const Incoming& incoming, const Head& head) {
  const auto& settings = incoming.route->receiver->settings();
  const bool has_body =
      head.header("transfer-encoding") || (head.content_length && *head.content_length > 0);
  if (!has_body) return true;
  if (head.content_length && *head.content_length > settings.body_bytes_max) {
    expected_.back().last = no_more_ = true;
    return refuse(incoming.route, 413, "the body is too long", "body_too_long");
  }
  if (settings.takes(head.header_or_empty("content-type"))) return true;
  std::string all;
  for (const auto& type : settings.accepted) all += (all.empty() ? "" : ", ") + type;
  return refuse(incoming.route, 415, "bodies are taken of the types: " + all, "content_type",
                "accept: " + all + "\r\n");
}

/// Answers the request that is coming in, which goes no further. Always false.
bool ServerConnection::refuse(const std::shared_ptr<const Route>& route, int status,
                              std::string_view detail, std::string_view word,
                              std::string_view headers) {
  if (route) route->receiver->refused(status, word);
  expected_.back().answer = Answer{make_bytes(problem(status, detail, headers)), {}, {}};
  return false;
}

/// What comes can't be understood any more.
void ServerConnection::refuse_and_close(int status, std::string_view detail) {
  if (!incoming_) expected_.emplace_back();
  incoming_.reset();
  no_more_ = true;
  auto& expected = expected_.back();
  expected.last = true;
  if (!expected.answer) expected.answer = Answer{make_bytes(problem(status, detail)), {}, {}};
}

void ServerConnection::take_body(std::string_view piece) {
  auto& incoming = *incoming_;
  if (!incoming.route) {
    incoming.passed_over += piece.size();
    if (incoming.passed_over > passed_over_max) close("refused");
    return;
  }
  if (auto added = incoming.body->add(piece); !added) body_failed(added.error());
}

/// The rest of it is passed over.
void ServerConnection::body_failed(const Error& error) {
  const int status = error.kind == ErrorKind::Limit     ? 413
                     : error.kind == ErrorKind::Invalid ? 400
                                                        : 503;
  refuse(incoming_->route, status, status == 503 ? "not stored, send it again" : error.text,
         status == 413   ? "body_too_long"
         : status == 400 ? "body_malformed"
                         : "not_staged");
  if (status == 413) expected_.back().last = no_more_ = true;
  incoming_->route = nullptr;
  incoming_->body = nullptr;
}

void ServerConnection::end_request() {
  if (!incoming_->route) return incoming_.reset();
  incoming_->collecting = true;
  incoming_->body->finish(
      [this](Result<BodyCollector::Collected> body) { collected(std::move(body)); });
}

void ServerConnection::collected(Result<BodyCollector::Collected> body) {
  auto incoming = std::move(*incoming_);
  const RequestPlace place{id(), first_number_ + expected_.size() - 1};
  if (!body) {
    incoming_ = std::move(incoming);
    body_failed(body.error());
    incoming_.reset();
  } else {
    incoming_.reset();
    incoming.request.body = std::move(*body);
    incoming.route->receiver->offer(place, std::move(incoming.request));
  }
  resume();
}

void ServerConnection::give_go_ahead() {
  if (!incoming_ || !incoming_->route || incoming_->held_back || expected_.size() > 1) return;
  const auto* expect = incoming_->request.head.header("expect");
  if (!expect || std::exchange(incoming_->gave_go_ahead, true)) return;
  if (incoming_->request.head.version < 11) return;
  stream_.queue(go_ahead);
  if (!stream_.flush()) close("send_failed");
}

void ServerConnection::answer(std::uint64_t number, Answer answer) {
  CHECK(!closed_ && number >= first_number_ && number - first_number_ < expected_.size());
  expected_[number - first_number_].answer = std::move(answer);
}

void ServerConnection::send_answers() {
  if (closed_) return;
  bool sent = false;
  while (!last_out_ && !expected_.empty() && expected_.front().answer) {
    send_one(expected_.front());
    expected_.pop_front();
    ++first_number_;
    sent = true;
  }
  if (!sent) return close_if_done();
  if (!stream_.flush()) return close("send_failed");
  settle_sent();
  give_go_ahead();
  close_if_done();
  resume();
}

void ServerConnection::send_one(Expected& expected) {
  if (draining_ && expected_.size() == 1 && !incoming_) expected.last = true;
  last_out_ = expected.last;
  auto& answer = *expected.answer;
  const AnswerRules rules{expected.head_only, expected.packs, expected.last, expected.old_version,
                          host_.now()};
  const auto bytes = make_bytes(answer_text(answer, rules));
  stream_.queue(*bytes, bytes);
  if (expected.route)
    leaving_.push_back({stream_.queued(), expected.route, std::move(answer.messages)});
}

void ServerConnection::settle_sent() {
  while (!leaving_.empty() && leaving_.front().end <= stream_.handed()) {
    auto sent = std::move(leaving_.front());
    leaving_.pop_front();
    for (auto message : sent.messages) sent.route->receiver->reply_sent(message, ReplyState::Sent);
    sent.route->receiver->over();
  }
}

void ServerConnection::on_progress() {
  last_active_ = steady_now();
  settle_sent();
  close_if_done();
}

void ServerConnection::on_peer_end() {
  peer_ended_ = true;
  close_if_done();
}

void ServerConnection::on_failure(const Stream::Failure& failure) {
  close(failure.in_handshake ? "handshake_failed" : "connection_lost");
}

void ServerConnection::drain() {
  draining_ = true;
  update_reading();
  close_if_done();
}

void ServerConnection::close_if_done() {
  if (closed_ || stream_.is_sending()) return;
  if (last_out_ && (!incoming_ || peer_ended_)) return close("last");
  if (!expected_.empty()) {
    // What was being sent will never be whole.
    if (peer_ended_ && incoming_ && !incoming_->collecting && !incoming_->held_back &&
        unparsed_.empty() && expected_.size() == 1)
      close("request_cut");
    return;
  }
  if (draining_ && !parser_.in_message()) return close("stopped");
  if (peer_ended_ && (unparsed_.empty() || parser_.in_message()))
    return close(parser_.in_message() ? "request_cut" : "peer_closed");
}

void ServerConnection::close(std::string_view reason) {
  if (std::exchange(closed_, true)) return;
  settle_sent();
  stream_.close();
  incoming_.reset();
  for (const auto& leaving : std::exchange(leaving_, {})) {
    for (auto message : leaving.messages)
      leaving.route->receiver->reply_sent(message, ReplyState::Lost);
    leaving.route->receiver->over();
  }
  for (const auto& expected : std::exchange(expected_, {})) {
    if (!expected.route) continue;
    if (expected.answer)
      for (auto message : expected.answer->messages)
        expected.route->receiver->reply_sent(message, ReplyState::Lost);
    expected.route->receiver->over();
  }
  host_.hold(-held_);
  host_.closed(*this, reason);
}

bool ServerConnection::hold_bytes() {
  auto holds = static_cast<std::int64_t>(unparsed_.capacity());
  if (incoming_ && incoming_->body)
    holds += static_cast<std::int64_t>(incoming_->body->held_bytes());
  const bool fits = host_.hold(holds - held_);
  held_ = holds;
  return fits;
}

void ServerConnection::update_reading() {
  if (!closed_ && is_open_) stream_.read_on(may_read());
}

bool ServerConnection::owes(const Route& route) const {
  if (incoming_ && incoming_->route.get() == &route) return true;
  for (const auto& expected : expected_)
    if (expected.route.get() == &route) return true;
  for (const auto& leaving : leaving_)
    if (leaving.route.get() == &route) return true;
  return false;
}

void ServerConnection::close_if_overdue(SteadyTime time) {
  const auto& settings = host_.settings();
  if (!is_open_ && time - last_active_ > handshake_timeout) return close("handshake_timeout");
  // Silence is the peer's where it is free to send and owed nothing, or doesn't take its answers.
  const bool free_to_send = may_read();
  const bool silent = (free_to_send && (expected_.empty() || incoming_)) || stream_.is_sending();
  if (silent && settings.idle_timeout.count() > 0 && time - last_active_ > settings.idle_timeout)
    return close("idle");
  if (free_to_send && parser_.in_message() && settings.request_timeout.count() > 0 &&
      time - request_begun_ > settings.request_timeout) {
    if (last_out_) return close("request_timeout");
    refuse_and_close(408, "the request wasn't whole in time");
    send_answers();
  }
}

}  // namespace causeway::connectors::http
