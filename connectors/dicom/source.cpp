#include "connectors/dicom/source.h"

#include "engine/core/check.h"

namespace causeway::connectors::dicom {
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
  for (auto timeout : {settings.associate_timeout, settings.idle_timeout, settings.object_timeout})
    if (timeout.count() > 0) interval = std::min(interval, timeout / 4);
  return std::max(interval, sweep_shortest);
}

}  // namespace

DicomSource::Instruments::Instruments(Metrics& metrics, const std::string& channel)
    : connections(metrics.gauge("causeway_source_connections", channel_label(channel))),
      accepted(metrics.counter("causeway_source_connections_total", channel_label(channel))),
      refused(metrics.counter("causeway_source_connections_refused_total", channel_label(channel))),
      rejected(
          metrics.counter("causeway_source_associations_rejected_total", channel_label(channel))),
      objects(metrics.counter("causeway_source_messages_total", channel_label(channel))),
      object_bytes(metrics.counter("causeway_source_message_bytes_total", channel_label(channel))),
      replies_lost(metrics.counter("causeway_source_replies_lost_total", channel_label(channel))) {}

DicomSource::DicomSource(SourceSettings settings, const Name& name, const Environment& environment)
    : settings_(std::move(settings)),
      name_(name),
      environment_(environment),
      instruments_(environment.metrics, name.channel),
      port_(settings_.port) {}

DicomSource::~DicomSource() {
  stop(Milliseconds(0));
}

Status DicomSource::start(Intake& intake) {
  Status status = Done{};
  environment_.loop.run_and_wait([&] { status = listen(intake); });
  return status;
}

Status DicomSource::listen(Intake& intake) {
  if (intake_) return Done{};
  auto socket = listening_socket();
  if (!socket) return socket.error();
  intake_ = &intake;
  draining_ = false;
  inbox_ = std::make_shared<Replies>(environment_.loop, *this);
  for (auto& stager : stagers_) stager = std::make_unique<Background>();
  accept_on(std::move(*socket));
  sweep_timer_ = environment_.loop.after(sweep_interval(settings_), [this] { sweep(); });
  environment_.log.info("source_listening",
                        {{"channel", name_.channel}, {"address", this->address()}});
  return Done{};
}

Result<Socket> DicomSource::listening_socket() {
  if (taken_over_) return std::move(taken_over_);
  auto address = SocketAddress::numeric(settings_.host, settings_.port);
  if (!address) return address.error();
  return listen_on(*address);
}

void DicomSource::accept_on(Socket socket) {
  listener_ = std::make_unique<Listener>(environment_.loop, std::move(socket),
                                         [this](Socket connection, const SocketAddress& peer) {
                                           connected(std::move(connection), peer);
                                         });
  std::lock_guard lock(mutex_);
  listening_ = true;
  port_ = listener_->address().port();
}

bool DicomSource::take_over(Source& earlier) {
  auto* other = dynamic_cast<DicomSource*>(&earlier);
  if (!other || other == this) return false;
  if (other->settings_.host != settings_.host || other->settings_.port != settings_.port)
    return false;
  bool taken = false;
  environment_.loop.run_and_wait([&] { taken = take_socket(*other); });
  return taken;
}

bool DicomSource::take_socket(DicomSource& earlier) {
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

void DicomSource::stop(Milliseconds grace) {
  CHECK(!environment_.loop.on_loop_thread());
  environment_.loop.run_and_wait([this] { begin_drain(); });
  {
    std::unique_lock lock(mutex_);
    all_closed_.wait_for(lock, grace, [this] { return open_connections_ == 0; });
  }
  decltype(stagers_) stagers;
  environment_.loop.run_and_wait([&] {
    end_all();
    stagers = std::move(stagers_);
  });
}

void DicomSource::begin_drain() {
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

void DicomSource::end_all() {
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

void DicomSource::pause(bool paused) {
  paused_ = paused;
  // Open connections notice a pause with their next message, and its end within
  // `resume_after_pause`.
}

Probe DicomSource::probe() {
  std::lock_guard lock(mutex_);
  if (!listening_) return {false, "not listening"};
  return {true, "listening on " + host_and_port(settings_.host, port_) + ", " +
                    std::to_string(open_connections_) + " associations" +
                    (paused_ ? ", paused" : "")};
}

std::string DicomSource::address() const {
  std::lock_guard lock(mutex_);
  return (settings_.tls ? "dicoms://" : "dicom://") + host_and_port(settings_.host, port_);
}

std::string DicomSource::compose_reply(std::string_view, const Verdict& verdict) const {
  return write_status_line(status_of(verdict));
}

void DicomSource::connected(Socket socket, const SocketAddress& peer) {
  if (!settings_.rules.lets_in(peer)) {
    instruments_.refused.add();
    environment_.log.debug("source_peer_refused",
                           {{"channel", name_.channel}, {"peer", peer.str()}});
    return;
  }
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

void DicomSource::closed(SourceConnection& connection, std::string_view reason) {
  auto found = connections_.find(connection.id());
  CHECK(found != connections_.end());
  ended_.push_back(std::move(found->second));
  connections_.erase(found);
  if (ended_.size() == 1) inbox_->post([](DicomSource& self) { self.ended_.clear(); });
  instruments_.connections.add(-1);
  environment_.metrics
      .counter("causeway_source_connections_closed_total",
               channel_label(name_.channel) + ",reason=\"" + std::string(reason) + "\"")
      .add();
  environment_.log.debug(
      "source_connection_closed",
      {{"channel", name_.channel}, {"peer", connection.peer()}, {"reason", std::string(reason)}});
  std::lock_guard lock(mutex_);
  if (--open_connections_ == 0) all_closed_.notify_all();
}

bool DicomSource::may_offer() {
  if (!paused_ && intake_->wants_more()) return true;
  if (resume_timer_ == 0)
    resume_timer_ = environment_.loop.after(paused_ ? resume_after_pause : resume_after,
                                            [this] { resume_all(); });
  return false;
}

void DicomSource::resume_all() {
  resume_timer_ = 0;
  std::vector<SourceConnection*> all;  // a resumed connection may close
  for (const auto& [id, connection] : connections_) all.push_back(connection.get());
  for (auto* connection : all) connection->resume();
}

void DicomSource::sweep() {
  sweep_timer_ = environment_.loop.after(sweep_interval(settings_), [this] { sweep(); });
  const auto now = std::chrono::steady_clock::now();
  std::vector<SourceConnection*> all;
  for (const auto& [id, connection] : connections_) all.push_back(connection.get());
  for (auto* connection : all) connection->close_if_overdue(now);
}

Background& DicomSource::stager_of(std::uint64_t connection) {
  return *stagers_[connection % stagers_max];
}

void DicomSource::stage(SourceConnection& from, std::shared_ptr<StagedObject> object,
                        std::string piece) {
  stager_of(from.id()).run(
      [inbox = inbox_, id = from.id(), object = std::move(object), piece = std::move(piece)] {
        object->append(piece);
        inbox->post([id, bytes = piece.size()](DicomSource& self) {
          if (auto* connection = self.find(id)) connection->staged(bytes);
        });
      });
}

void DicomSource::offer(SourceConnection& from, std::string file) {
  accept(from.id(), from.sender(), Body(make_bytes(std::move(file))), {});
}

void DicomSource::offer_staged(SourceConnection& from,
                               std::shared_ptr<const ObjectReceiver> object) {
  stager_of(from.id()).run(
      [inbox = inbox_, id = from.id(), sender = from.sender(), object = std::move(object)] {
        auto finished = object->staged()->finish();
        const auto head = finished ? object->head_with(finished->digest) : Bytes();
        inbox->post([id, sender, head, finished = std::move(finished)](DicomSource& self) {
          if (!finished) return self.not_staged(id, finished.error());
          self.accept(id, sender, finished->body, head);
        });
      });
}

void DicomSource::not_staged(std::uint64_t connection, const Error& error) {
  Verdict verdict;
  verdict.code = Verdict::Code::Reject;
  verdict.kind = error.kind;
  verdict.text = "not stored, send it again";
  auto bytes = make_bytes(compose_reply({}, verdict));
  inbox_->put({connection, Reply{{}, std::move(verdict), std::move(bytes)}});
}

void DicomSource::accept(std::uint64_t connection, Sender sender, Body body, Bytes at_hand) {
  instruments_.objects.add();
  instruments_.object_bytes.add(body.size());
  Draft draft;
  draft.sender = std::move(sender);
  draft.content_type = ContentType::Dicom;
  draft.body = std::move(body);
  draft.at_hand = std::move(at_hand);
  intake_->accept(std::move(draft), {}, [inbox = inbox_, connection](Reply reply) {
    inbox->put({connection, std::move(reply)});
  });
}

void DicomSource::take(std::vector<ReplyFor> replies) {
  for (const auto& [id, reply] : replies) {
    if (auto* connection = find(id))
      connection->answer(reply);
    else if (reply.message)
      reply_sent(reply.message, ReplyState::Lost);
  }
}

SourceConnection* DicomSource::find(std::uint64_t id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

void DicomSource::reply_sent(MessageId message, ReplyState state) {
  if (state == ReplyState::Lost) instruments_.replies_lost.add();
  intake_->reply_sent(message, state);
}

}  // namespace causeway::connectors::dicom
