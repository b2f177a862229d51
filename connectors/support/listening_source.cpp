#include "connectors/support/listening_source.h"

#include <typeinfo>

#include "engine/core/check.h"
#include "engine/core/limits.h"

namespace causeway::connectors {
namespace {

std::string channel_label(const std::string& channel) {
  return "channel=\"" + channel + "\"";
}

}  // namespace

ListeningSource::Instruments::Instruments(Metrics& metrics, const std::string& channel)
    : connections(metrics.gauge("causeway_source_connections", channel_label(channel))),
      accepted(metrics.counter("causeway_source_connections_total", channel_label(channel))),
      refused(metrics.counter("causeway_source_connections_refused_total", channel_label(channel))),
      messages(metrics.counter("causeway_source_messages_total", channel_label(channel))),
      message_bytes(metrics.counter("causeway_source_message_bytes_total", channel_label(channel))),
      replies_lost(metrics.counter("causeway_source_replies_lost_total", channel_label(channel))) {}

ListeningSource::ListeningSource(Shape shape, const Name& name, const Environment& environment)
    : shape_(std::move(shape)),
      name_(name),
      environment_(environment),
      instruments_(environment.metrics, name.channel),
      gate_(environment.loop, [this] { connections_.resume_all(); }),
      connections_(environment.loop, *this),
      port_(shape_.endpoint.port) {}

ListeningSource::~ListeningSource() = default;

Counter& ListeningSource::counter(const std::string& metric) const {
  return environment_.metrics.counter(metric, channel_label(name_.channel));
}

bool ListeningSource::goes_to_staging(std::size_t bytes) const {
  return environment_.staging && bytes > limits::inline_body_bytes;
}

Reply ListeningSource::not_stored(const Error& error, std::string_view content) const {
  Reply reply;
  reply.verdict.code = Verdict::Code::Reject;
  reply.verdict.kind = error.kind;
  reply.verdict.text = "not stored, send it again";
  reply.bytes = make_bytes(compose_reply(content, reply.verdict));
  return reply;
}

Status ListeningSource::start(Intake& intake) {
  Status status = Done{};
  environment_.loop.run_and_wait([&] { status = listen(intake); });
  return status;
}

Status ListeningSource::listen(Intake& intake) {
  if (gate_.intake()) return Done{};
  auto socket = listening_socket();
  if (!socket) return socket.error();
  gate_.open(intake);
  draining_ = false;
  for (std::size_t i = 0; i < shape_.stagers; ++i)
    stagers_.push_back(std::make_unique<Background>());
  begin();
  accept_on(std::move(*socket));
  environment_.log.info("source_listening", {{"channel", name_.channel}, {"address", address()}});
  return Done{};
}

Result<Socket> ListeningSource::listening_socket() {
  if (taken_over_) return std::move(taken_over_);
  auto address = SocketAddress::numeric(shape_.endpoint.host, shape_.endpoint.port);
  if (!address) return address.error();
  return listen_on(*address);
}

void ListeningSource::accept_on(Socket socket) {
  connections_.accept_on(std::move(socket));
  std::lock_guard lock(mutex_);
  listening_ = true;
  port_ = connections_.port();
}

bool ListeningSource::take_over(Source& earlier) {
  auto* other = dynamic_cast<ListeningSource*>(&earlier);
  if (!other || other == this || typeid(*other) != typeid(*this)) return false;
  if (other->shape_.endpoint.host != shape_.endpoint.host ||
      other->shape_.endpoint.port != shape_.endpoint.port)
    return false;
  bool taken = false;
  environment_.loop.run_and_wait([&] { taken = take_socket(*other); });
  return taken;
}

bool ListeningSource::take_socket(ListeningSource& earlier) {
  auto socket = earlier.connections_.is_listening() ? earlier.connections_.release_socket()
                                                    : std::move(earlier.taken_over_);
  if (!socket) return false;
  earlier.set_listening(false);
  if (gate_.intake() && !draining_)
    accept_on(std::move(socket));
  else
    taken_over_ = std::move(socket);
  return true;
}

void ListeningSource::stop(Milliseconds grace) {
  CHECK(!environment_.loop.on_loop_thread());
  environment_.loop.run_and_wait([this] { begin_drain(); });
  open_connections_.wait_for_none(grace);
  Stagers stagers;  // ends outside of the loop: it waits for what is being staged
  environment_.loop.run_and_wait([&] {
    end_all();
    stagers = std::exchange(stagers_, {});
  });
}

void ListeningSource::begin_drain() {
  if (!gate_.intake()) return;
  draining_ = true;
  connections_.stop_listening();
  set_listening(false);
  connections_.drain_all();
}

void ListeningSource::end_all() {
  if (!gate_.intake()) return;
  connections_.close_all("stopped");
  end();
  gate_.close();
}

void ListeningSource::set_listening(bool listening) {
  std::lock_guard lock(mutex_);
  listening_ = listening;
}

Probe ListeningSource::probe() {
  std::lock_guard lock(mutex_);
  if (!listening_) return {false, "not listening"};
  return {true, "listening on " + host_and_port(shape_.endpoint.host, port_) + ", " +
                    std::to_string(open_connections_.count()) + " " +
                    std::string(shape_.connections_word) + (gate_.is_paused() ? ", paused" : "")};
}

std::string ListeningSource::address() const {
  std::lock_guard lock(mutex_);
  return shape_.scheme + (shape_.endpoint.tls ? "s://" : "://") +
         host_and_port(shape_.endpoint.host, port_);
}

void ListeningSource::accepted() {
  instruments_.accepted.add();
  instruments_.connections.add(1);
  open_connections_.begin();
}

void ListeningSource::turned_away(const SocketAddress& peer) {
  instruments_.refused.add();
  environment_.log.debug("source_peer_refused", {{"channel", name_.channel}, {"peer", peer.str()}});
}

void ListeningSource::at_limit(bool is_news) {
  instruments_.refused.add();
  if (is_news) environment_.log.warn("source_connections_at_limit", {{"channel", name_.channel}});
}

void ListeningSource::note_closed(const AcceptedConnection& connection, std::string_view reason) {
  connections_.closed(connection);
  instruments_.connections.add(-1);
  environment_.metrics
      .counter("causeway_source_connections_closed_total",
               channel_label(name_.channel) + ",reason=\"" + std::string(reason) + "\"")
      .add();
  environment_.log.debug(
      "source_connection_closed",
      {{"channel", name_.channel}, {"peer", connection.peer()}, {"reason", std::string(reason)}});
  open_connections_.end();
}

void ListeningSource::note_message(std::uint64_t bytes) {
  instruments_.messages.add();
  instruments_.message_bytes.add(bytes);
}

void ListeningSource::note_reply(MessageId message, ReplyState state) {
  if (state == ReplyState::Lost) instruments_.replies_lost.add();
  intake().reply_sent(message, state);
}

}  // namespace causeway::connectors
