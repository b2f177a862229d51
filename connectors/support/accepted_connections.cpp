#include "connectors/support/accepted_connections.h"

#include <algorithm>

#include "engine/core/check.h"

namespace causeway::connectors {
namespace {

constexpr Milliseconds sweep_longest{5000};
constexpr Milliseconds sweep_shortest{20};

}  // namespace

AcceptedConnections::~AcceptedConnections() {
  CHECK(connections_.empty() && ended_.empty());
}

void AcceptedConnections::accept_on(Socket socket) {
  listener_ = std::make_unique<Listener>(loop_, std::move(socket),
                                         [this](Socket connection, const SocketAddress& peer) {
                                           connected(std::move(connection), peer);
                                         });
  if (sweep_timer_ == 0) sweep_timer_ = loop_.after(host_.sweep_interval(), [this] { sweep(); });
}

Socket AcceptedConnections::release_socket() {
  auto socket = listener_ ? listener_->release() : Socket();
  listener_.reset();
  return socket;
}

void AcceptedConnections::connected(Socket socket, const SocketAddress& peer) {
  if (!host_.lets_in(peer)) return host_.turned_away(peer);
  if (connections_.size() >= host_.connections_max())
    return host_.at_limit(!std::exchange(at_limit_, true));
  at_limit_ = false;
  const auto id = next_id_++;
  auto& connection = *(connections_[id] = host_.make_connection(id, std::move(socket), peer.str()));
  host_.accepted();
  connection.open();
}

void AcceptedConnections::closed(const AcceptedConnection& connection) {
  const auto found = connections_.find(connection.id());
  CHECK(found != connections_.end());
  ended_.push_back(std::move(found->second));
  connections_.erase(found);
  if (burial_ == 0)
    burial_ = loop_.after(Milliseconds(0), [this] {
      burial_ = 0;
      ended_.clear();
    });
}

AcceptedConnection* AcceptedConnections::find(std::uint64_t id) const {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

std::vector<AcceptedConnection*> AcceptedConnections::all() const {
  std::vector<AcceptedConnection*> list;
  list.reserve(connections_.size());
  for (const auto& [id, connection] : connections_) list.push_back(connection.get());
  return list;
}

void AcceptedConnections::resume_all() {
  for (auto* connection : all()) connection->resume();
}

void AcceptedConnections::drain_all() {
  for (auto* connection : all()) connection->drain();
}

void AcceptedConnections::close_all(std::string_view reason) {
  while (!connections_.empty()) connections_.begin()->second->close(reason);
  ended_.clear();
  loop_.cancel(sweep_timer_);
  loop_.cancel(burial_);
  sweep_timer_ = burial_ = 0;
}

void AcceptedConnections::sweep() {
  sweep_timer_ = loop_.after(host_.sweep_interval(), [this] { sweep(); });
  const auto now = std::chrono::steady_clock::now();
  for (auto* connection : all()) connection->close_if_overdue(now);
}

Milliseconds sweep_interval_for(std::initializer_list<Milliseconds> timeouts) {
  auto interval = sweep_longest;
  for (auto timeout : timeouts)
    if (timeout.count() > 0) interval = std::min(interval, timeout / 4);
  return std::max(interval, sweep_shortest);
}

}  // namespace causeway::connectors
