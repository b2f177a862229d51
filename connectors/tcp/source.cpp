#include "connectors/tcp/source.h"

#include "connectors/support/staged_body.h"
#include "engine/core/check.h"
#include "engine/core/limits.h"

namespace causeway::connectors::tcp {
namespace {

/// The intake doesn't say when it wants more again.
constexpr Milliseconds resume_after{5};
constexpr Milliseconds resume_after_pause{50};
constexpr Milliseconds sweep_longest{5000};
constexpr Milliseconds sweep_shortest{20};

std::string channel_label(const std::string& channel) {
  return "channel=\"" + channel + "\"";
}

Milliseconds sweep_interval(const SourceSettings& settings) {
  auto interval = sweep_longest;
  for (auto timeout : {settings.idle_timeout, settings.frame_timeout})
    if (timeout.count() > 0) interval = std::min(interval, timeout / 4);
  return std::max(interval, sweep_shortest);
}

}  // namespace

TcpSource::Instruments::Instruments(Metrics& metrics, const std::string& channel)
    : connections(metrics.gauge("causeway_source_connections", channel_label(channel))),
      accepted(metrics.counter("causeway_source_connections_total", channel_label(channel))),
      refused(metrics.counter("causeway_source_connections_refused_total", channel_label(channel))),
      frames(metrics.counter("causeway_source_messages_total", channel_label(channel))),
      frame_bytes(metrics.counter("causeway_source_message_bytes_total", channel_label(channel))),
      replies_lost(metrics.counter("causeway_source_replies_lost_total", channel_label(channel))) {}

TcpSource::TcpSource(SourceSettings settings, const Name& name, const Environment& environment)
    : settings_(std::move(settings)),
      name_(name),
      environment_(environment),
      instruments_(environment.metrics, name.channel),
      port_(settings_.port) {}

TcpSource::~TcpSource() {
  stop(Milliseconds(0));
}

Status TcpSource::start(Intake& intake) {
  Status status = Done{};
  environment_.loop.run_and_wait([&] { status = listen(intake); });
  return status;
}

Status TcpSource::listen(Intake& intake) {
  if (intake_) return Done{};
  auto socket = listening_socket();
  if (!socket) return socket.error();
  intake_ = &intake;
  draining_ = false;
  inbox_ = std::make_shared<Replies>(environment_.loop, *this);
  stager_ = std::make_unique<Background>();
  accept_on(std::move(*socket));
  sweep_timer_ = environment_.loop.after(sweep_interval(settings_), [this] { sweep(); });
  environment_.log.info("source_listening",
                        {{"channel", name_.channel}, {"address", this->address()}});
  return Done{};
}

Result<Socket> TcpSource::listening_socket() {
  if (taken_over_) return std::move(taken_over_);
  auto address = SocketAddress::numeric(settings_.host, settings_.port);
  if (!address) return address.error();
  return listen_on(*address);
}

void TcpSource::accept_on(Socket socket) {
  listener_ = std::make_unique<Listener>(environment_.loop, std::move(socket),
                                         [this](Socket connection, const SocketAddress& peer) {
                                           connected(std::move(connection), peer);
                                         });
  std::lock_guard lock(mutex_);
  listening_ = true;
  port_ = listener_->address().port();
}

bool TcpSource::take_over(Source& earlier) {
  auto* other = dynamic_cast<TcpSource*>(&earlier);
  if (!other || other == this) return false;
  if (other->settings_.host != settings_.host || other->settings_.port != settings_.port)
    return false;
  bool taken = false;
  environment_.loop.run_and_wait([&] { taken = take_socket(*other); });
  return taken;
}

bool TcpSource::take_socket(TcpSource& earlier) {
  auto socket = earlier.listener_ ? earlier.listener_->release() : std::move(earlier.taken_over_);
  if (!socket) return false;
  earlier.listener_.reset();
  {
    std::lock_guard lock(earlier.mutex_);
    earlier.listening_ = false;
  }
  if (intake_ && !draining_)
    accept_on(std::move(socket));
  else
    taken_over_ = std::move(socket);
  return true;
}

void TcpSource::stop(Milliseconds grace) {
  CHECK(!environment_.loop.on_loop_thread());
  environment_.loop.run_and_wait([this] { begin_drain(); });
  {
    std::unique_lock lock(mutex_);
    all_closed_.wait_for(lock, grace, [this] { return open_connections_ == 0; });
  }
  std::unique_ptr<Background> stager;
  environment_.loop.run_and_wait([&] {
    end_all();
    stager = std::move(stager_);
  });
}

void TcpSource::begin_drain() {
  if (!intake_) return;
  draining_ = true;
  listener_.reset();
  {
    std::lock_guard lock(mutex_);
    listening_ = false;
  }
  std::vector<SourceConnection*> all;
  for (const auto& [id, connection] : connections_) all.push_back(connection.get());
  for (auto* connection : all) connection->drain();
}

void TcpSource::end_all() {
  if (!intake_) return;
  environment_.loop.cancel(resume_timer_);
  environment_.loop.cancel(sweep_timer_);
  resume_timer_ = sweep_timer_ = 0;
  while (!connections_.empty()) connections_.begin()->second->close("stopped");
  inbox_->close();
  inbox_.reset();
  ended_.clear();
  intake_ = nullptr;
}

void TcpSource::pause(bool paused) {
  paused_ = paused;
  // Open connections notice a pause with their next message, and its end within
  // `resume_after_pause`.
}

Probe TcpSource::probe() {
  std::lock_guard lock(mutex_);
  if (!listening_) return {false, "not listening"};
  return {true, "listening on " + host_and_port(settings_.host, port_) + ", " +
                    std::to_string(open_connections_) + " connections" +
                    (paused_ ? ", paused" : "")};
}

std::string TcpSource::address() const {
  std::lock_guard lock(mutex_);
  return (settings_.tls ? "tcps://" : "tcp://") + host_and_port(settings_.host, port_);
}

std::string TcpSource::compose_reply(std::string_view, const Verdict& verdict) const {
  if (verdict.verbatim) return *verdict.verbatim;
  return verdict.code == Verdict::Code::Accept ? settings_.accepted : settings_.refused;
}

void TcpSource::connected(Socket socket, const SocketAddress& peer) {
  if (connections_.size() >= settings_.connections_max) {
    instruments_.refused.add();
    if (!std::exchange(at_limit_, true))
      environment_.log.warn("source_connections_at_limit", {{"channel", name_.channel}});
    return;
  }
  at_limit_ = false;
  const auto id = next_connection_++;
  Host& host = *this;
  auto& connection = *(connections_[id] = std::make_unique<SourceConnection>(
                           id, environment_.loop, std::move(socket), peer.str(), host));
  instruments_.accepted.add();
  instruments_.connections.add(1);
  {
    std::lock_guard lock(mutex_);
    ++open_connections_;
  }
  connection.open();
}

void TcpSource::closed(SourceConnection& connection, std::string_view reason) {
  auto found = connections_.find(connection.id());
  CHECK(found != connections_.end());
  ended_.push_back(std::move(found->second));
  connections_.erase(found);
  if (ended_.size() == 1) inbox_->post([](TcpSource& self) { self.ended_.clear(); });
  instruments_.connections.add(-1);
  environment_.metrics
      .counter("causeway_source_connections_closed_total",
               channel_label(name_.channel) + ",reason=\"" + std::string(reason) + "\"")
      .add();
  environment_.log.debug("source_connection_closed", {{"channel", name_.channel},
                                                      {"peer", connection.sender().address},
                                                      {"reason", std::string(reason)}});
  std::lock_guard lock(mutex_);
  if (--open_connections_ == 0) all_closed_.notify_all();
}

bool TcpSource::may_offer() {
  if (!paused_ && intake_->wants_more()) return true;
  if (resume_timer_ == 0)
    resume_timer_ = environment_.loop.after(paused_ ? resume_after_pause : resume_after,
                                            [this] { resume_all(); });
  return false;
}

void TcpSource::resume_all() {
  resume_timer_ = 0;
  std::vector<SourceConnection*> all;  // a resumed connection may close
  for (const auto& [id, connection] : connections_) all.push_back(connection.get());
  for (auto* connection : all) connection->resume();
}

void TcpSource::sweep() {
  sweep_timer_ = environment_.loop.after(sweep_interval(settings_), [this] { sweep(); });
  const auto now = std::chrono::steady_clock::now();
  std::vector<SourceConnection*> all;
  for (const auto& [id, connection] : connections_) all.push_back(connection.get());
  for (auto* connection : all) connection->close_if_overdue(now);
}

bool TcpSource::hold(std::int64_t more_bytes) {
  held_bytes_ += more_bytes;
  return more_bytes <= 0 || held_bytes_ <= static_cast<std::int64_t>(settings_.buffered_bytes_max);
}

bool TcpSource::is_staged(std::size_t bytes) const {
  return environment_.staging && bytes > limits::inline_body_bytes;
}

bool TcpSource::must_stage(std::string_view content) const {
  return is_staged(content.size());
}

void TcpSource::offer(SourceConnection& from, std::uint64_t number, std::string content) {
  instruments_.frames.add();
  instruments_.frame_bytes.add(content.size());
  const ReplyPlace place{from.id(), number};
  auto bytes = make_bytes(std::move(content));
  if (is_staged(bytes->size()))
    stage_and_accept(from.sender(), place, std::move(bytes));
  else
    accept(from.sender(), Body(std::move(bytes)), {}, place);
}

void TcpSource::stage_and_accept(Sender sender, const ReplyPlace& place, Bytes content) {
  stager_->run([inbox = inbox_, staging = environment_.staging, sender = std::move(sender), place,
                content = std::move(content)] {
    inbox->post([=, body = stage(*staging, *content)](TcpSource& self) {
      if (body)
        self.accept(sender, *body, content, place);
      else
        self.not_staged(body.error(), *content, place);
      if (auto* waiting = self.find(place.connection)) waiting->staged();
    });
  });
}

void TcpSource::not_staged(const Error& error, std::string_view content, const ReplyPlace& place) {
  Verdict verdict;
  verdict.code = Verdict::Code::Reject;
  verdict.kind = error.kind;
  verdict.text = "not stored, send it again";
  auto bytes = make_bytes(compose_reply(content, verdict));
  inbox_->put({place, Reply{{}, std::move(verdict), std::move(bytes)}});
}

void TcpSource::accept(Sender sender, Body body, Bytes at_hand, const ReplyPlace& place) {
  Draft draft;
  draft.sender = std::move(sender);
  draft.content_type = settings_.content;
  draft.body = std::move(body);
  draft.at_hand = std::move(at_hand);
  intake_->accept(std::move(draft), {}, [inbox = inbox_, place](Reply reply) {
    inbox->put({place, std::move(reply)});
  });
}

void TcpSource::take(std::vector<ReplyFor> replies) {
  std::vector<std::uint64_t> answered;
  for (auto& reply : replies) {
    const auto id = reply.place.connection;
    answer(std::move(reply));
    if (answered.empty() || answered.back() != id) answered.push_back(id);
  }
  for (auto id : answered)
    if (auto* connection = find(id)) connection->send_replies();
}

void TcpSource::answer(ReplyFor given) {
  auto& [place, reply] = given;
  if (auto* connection = find(place.connection))
    connection->answer(place.number, std::move(reply));
  else if (reply.message)
    reply_sent(reply.message, ReplyState::Lost);
}

SourceConnection* TcpSource::find(std::uint64_t id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

void TcpSource::reply_sent(MessageId message, ReplyState state) {
  if (state == ReplyState::Lost) instruments_.replies_lost.add();
  intake_->reply_sent(message, state);
}

}  // namespace causeway::connectors::tcp
