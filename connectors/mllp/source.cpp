#include "connectors/mllp/source.h"

#include "connectors/support/staged_body.h"
#include "engine/core/check.h"
#include "engine/core/limits.h"

namespace causeway::connectors::mllp {
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

MllpSource::Instruments::Instruments(Metrics& metrics, const std::string& channel)
    : connections(metrics.gauge("causeway_source_connections", channel_label(channel))),
      accepted(metrics.counter("causeway_source_connections_total", channel_label(channel))),
      refused(metrics.counter("causeway_source_connections_refused_total", channel_label(channel))),
      frames(metrics.counter("causeway_source_messages_total", channel_label(channel))),
      frame_bytes(metrics.counter("causeway_source_message_bytes_total", channel_label(channel))),
      garbage_bytes(metrics.counter("causeway_source_garbage_bytes_total", channel_label(channel))),
      replies_lost(metrics.counter("causeway_source_replies_lost_total", channel_label(channel))) {}

MllpSource::MllpSource(SourceSettings settings, const Name& name, const Environment& environment)
    : settings_(std::move(settings)),
      name_(name),
      environment_(environment),
      verdict_reply_(environment.clock),
      instruments_(environment.metrics, name.channel),
      port_(settings_.port) {}

MllpSource::~MllpSource() {
  stop(Milliseconds(0));
}

Status MllpSource::start(Intake& intake) {
  Status status = Done{};
  environment_.loop.run_and_wait([&] { status = listen(intake); });
  return status;
}

Status MllpSource::listen(Intake& intake) {
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

Result<Socket> MllpSource::listening_socket() {
  if (taken_over_) return std::move(taken_over_);
  auto address = SocketAddress::numeric(settings_.host, settings_.port);
  if (!address) return address.error();
  return listen_on(*address);
}

void MllpSource::accept_on(Socket socket) {
  listener_ = std::make_unique<Listener>(environment_.loop, std::move(socket),
                                         [this](Socket connection, const SocketAddress& peer) {
                                           connected(std::move(connection), peer);
                                         });
  std::lock_guard lock(mutex_);
  listening_ = true;
  port_ = listener_->address().port();
}

bool MllpSource::take_over(Source& earlier) {
  auto* other = dynamic_cast<MllpSource*>(&earlier);
  if (!other || other == this) return false;
  if (other->settings_.host != settings_.host || other->settings_.port != settings_.port)
    return false;
  bool taken = false;
  environment_.loop.run_and_wait([&] { taken = take_socket(*other); });
  return taken;
}

bool MllpSource::take_socket(MllpSource& earlier) {
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

void MllpSource::stop(Milliseconds grace) {
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

void MllpSource::begin_drain() {
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

void MllpSource::end_all() {
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

void MllpSource::pause(bool paused) {
  paused_ = paused;
  // Open connections notice a pause with their next message, and its end within
  // `resume_after_pause`.
}

Probe MllpSource::probe() {
  std::lock_guard lock(mutex_);
  if (!listening_) return {false, "not listening"};
  return {true, "listening on " + host_and_port(settings_.host, port_) + ", " +
                    std::to_string(open_connections_) + " connections" +
                    (paused_ ? ", paused" : "")};
}

std::string MllpSource::address() const {
  std::lock_guard lock(mutex_);
  return (settings_.tls ? "mllps://" : "mllp://") + host_and_port(settings_.host, port_);
}

std::string MllpSource::compose_reply(std::string_view message, const Verdict& verdict) const {
  return verdict_reply_.compose(message, verdict);
}

void MllpSource::connected(Socket socket, const SocketAddress& peer) {
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

void MllpSource::closed(SourceConnection& connection, std::string_view reason) {
  auto found = connections_.find(connection.id());
  CHECK(found != connections_.end());
  ended_.push_back(std::move(found->second));
  connections_.erase(found);
  if (ended_.size() == 1) inbox_->post([](MllpSource& self) { self.ended_.clear(); });
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

bool MllpSource::may_offer() {
  if (!paused_ && intake_->wants_more()) return true;
  if (resume_timer_ == 0)
    resume_timer_ = environment_.loop.after(paused_ ? resume_after_pause : resume_after,
                                            [this] { resume_all(); });
  return false;
}

void MllpSource::resume_all() {
  resume_timer_ = 0;
  std::vector<SourceConnection*> all;  // a resumed connection may close
  for (const auto& [id, connection] : connections_) all.push_back(connection.get());
  for (auto* connection : all) connection->resume();
}

void MllpSource::sweep() {
  sweep_timer_ = environment_.loop.after(sweep_interval(settings_), [this] { sweep(); });
  const auto now = std::chrono::steady_clock::now();
  std::vector<SourceConnection*> all;
  for (const auto& [id, connection] : connections_) all.push_back(connection.get());
  for (auto* connection : all) connection->close_if_overdue(now);
}

bool MllpSource::hold(std::int64_t more_bytes) {
  held_bytes_ += more_bytes;
  return more_bytes <= 0 || held_bytes_ <= static_cast<std::int64_t>(settings_.buffered_bytes_max);
}

bool MllpSource::is_staged(std::size_t bytes) const {
  return environment_.staging && bytes > limits::inline_body_bytes;
}

bool MllpSource::must_stage(std::string_view content) const {
  return is_staged(content.size()) && !takes_apart(content);
}

bool MllpSource::takes_apart(std::string_view content) const {
  return settings_.splits_batches && BatchFrame::take_apart(content);
}

void MllpSource::offer(SourceConnection& from, std::uint64_t number, std::string content) {
  instruments_.frames.add();
  instruments_.frame_bytes.add(content.size());
  auto batch = settings_.splits_batches ? BatchFrame::take_apart(content) : nullptr;
  if (!batch) return offer_one(from.sender(), {from.id(), number}, std::move(content));
  for (std::size_t i = 0; i < batch->messages().size(); ++i)
    offer_one(from.sender(), {from.id(), number, batch, i}, batch->messages()[i]);
}

void MllpSource::offer_one(const Sender& sender, const ReplyPlace& place, std::string content) {
  auto bytes = make_bytes(std::move(content));
  if (is_staged(bytes->size()))
    stage_and_accept(sender, place, std::move(bytes));
  else
    accept(sender, Body(std::move(bytes)), {}, place);
}

void MllpSource::stage_and_accept(Sender sender, const ReplyPlace& place, Bytes content) {
  stager_->run([inbox = inbox_, staging = environment_.staging, sender = std::move(sender), place,
                content = std::move(content)] {
    inbox->post([=, body = stage(*staging, *content)](MllpSource& self) {
      if (body)
        self.accept(sender, *body, content, place);
      else
        self.not_staged(body.error(), *content, place);
      auto* waiting = place.batch ? nullptr : self.find(place.connection);
      if (waiting) waiting->staged();
    });
  });
}

void MllpSource::not_staged(const Error& error, std::string_view content, const ReplyPlace& place) {
  Verdict verdict;
  verdict.code = Verdict::Code::Reject;
  verdict.kind = error.kind;
  verdict.text = "not stored, send it again";
  auto bytes = make_bytes(compose_reply(content, verdict));
  inbox_->put({place, Reply{{}, std::move(verdict), std::move(bytes)}});
}

void MllpSource::accept(Sender sender, Body body, Bytes at_hand, const ReplyPlace& place) {
  Draft draft;
  draft.sender = std::move(sender);
  draft.content_type = ContentType::Hl7v2;
  draft.body = std::move(body);
  draft.at_hand = std::move(at_hand);
  if (place.batch) draft.batch_place = static_cast<std::uint32_t>(place.member + 1);
  intake_->accept(std::move(draft), {}, [inbox = inbox_, place](Reply reply) {
    inbox->put({place, std::move(reply)});
  });
}

void MllpSource::take(std::vector<ReplyFor> replies) {
  std::vector<std::uint64_t> answered;
  for (auto& reply : replies) {
    const auto id = reply.place.connection;
    answer(std::move(reply));
    if (answered.empty() || answered.back() != id) answered.push_back(id);
  }
  for (auto id : answered)
    if (auto* connection = find(id)) connection->send_replies();
}

/// A batch is answered when all its messages are.
void MllpSource::answer(ReplyFor given) {
  auto& [place, reply] = given;
  auto* connection = find(place.connection);
  if (!connection) {
    if (reply.message) reply_sent(reply.message, ReplyState::Lost);
    return;
  }
  if (!place.batch) return connection->answer(place.number, std::move(reply));
  if (place.batch->answer(place.member, std::move(reply)))
    connection->answer(place.number, place.batch->combined(verdict_reply_), place.batch->stored());
}

SourceConnection* MllpSource::find(std::uint64_t id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

void MllpSource::reply_sent(MessageId message, ReplyState state) {
  if (state == ReplyState::Lost) instruments_.replies_lost.add();
  intake_->reply_sent(message, state);
}

void MllpSource::count_garbage(std::uint64_t bytes) {
  instruments_.garbage_bytes.add(bytes);
}

}  // namespace causeway::connectors::mllp
