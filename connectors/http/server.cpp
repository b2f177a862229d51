#include "connectors/http/server.h"

#include <algorithm>

#include "engine/core/check.h"

namespace causeway::connectors::http {
namespace {

constexpr Milliseconds sweep_longest{5000};
constexpr Milliseconds sweep_shortest{20};

Milliseconds sweep_interval(const ListenerSettings& settings) {
  auto interval = sweep_longest;
  for (auto timeout : {settings.idle_timeout, settings.request_timeout})
    if (timeout.count() > 0) interval = std::min(interval, timeout / 4);
  return std::max(interval, sweep_shortest);
}

bool have_one_in_common(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const auto& method) {
    return std::find(b.begin(), b.end(), method) != b.end();
  });
}

/// Where a listener is found by those that share it.
std::string key_of(const ListenerSettings& settings) {
  return "http " + host_and_port(settings.host, settings.port);
}

}  // namespace

Server::Server(const ListenerSettings& settings, const Environment& environment)
    : settings_(settings), environment_(environment), port_(settings.port) {}

Server::~Server() {
  close();
  environment_.loop.cancel(sweep_timer_);
  while (!connections_.empty()) connections_.begin()->second->close("stopped");
}

Result<std::shared_ptr<Server>> Server::share(const ListenerSettings& settings,
                                              const std::string& channel,
                                              const Environment& environment) {
  auto& parts = environment.loop.shared();
  const auto key = key_of(settings);
  if (settings.port != 0)
    if (auto there = std::static_pointer_cast<Server>(parts[key].lock());
        there && there->listener_) {
      if (there->settings_.declared == settings.declared) {
        there->settings_ = settings;  // certificates that have been renewed
        return there;
      }
      return Error{ErrorKind::Conflict, host_and_port(settings.host, settings.port),
                   "channel \"" + there->routes_.front()->channel +
                       "\" listens there with other settings of TLS, time-outs or limits than \"" +
                       channel + "\": on one address they have to be the same"};
    }
  auto server = std::make_shared<Server>(settings, environment);
  if (auto listening = server->listen(); !listening) return listening.error();
  if (settings.port != 0) parts[key] = server;
  return server;
}

Status Server::listen() {
  auto address = SocketAddress::numeric(settings_.host, settings_.port);
  if (!address) return address.error();
  auto socket = listen_on(*address);
  if (!socket) return socket.error();
  listener_ = std::make_unique<Listener>(environment_.loop, std::move(*socket),
                                         [this](Socket connection, const SocketAddress& peer) {
                                           connected(std::move(connection), peer);
                                         });
  port_ = listener_->address().port();
  sweep_timer_ = environment_.loop.after(sweep_interval(settings_), [this] { sweep(); });
  return Done{};
}

Status Server::check(const Route& route, const Route* but) const {
  for (const auto& other : routes_)
    if (other.get() != but && other->path.conflicts_with(route.path) &&
        have_one_in_common(other->methods, route.methods))
      return Error{ErrorKind::Conflict, host_and_port(settings_.host, port_),
                   "\"" + route.path.text() + "\" is taken by channel \"" + other->channel +
                       "\" (\"" + other->path.text() + "\")"};
  return Done{};
}

Status Server::add(std::shared_ptr<const Route> route) {
  if (auto free = check(*route, nullptr); !free) return free;
  const auto place = std::find_if(routes_.begin(), routes_.end(), [&](const auto& other) {
    return route->path.before(other->path);
  });
  routes_.insert(place, std::move(route));
  return Done{};
}

void Server::remove(const Route& route) {
  std::erase_if(routes_, [&](const auto& one) { return one.get() == &route; });
  for (auto* connection : all()) connection->reroute(route, nullptr);
  if (routes_.empty()) close();
}

Status Server::replace(const Route& earlier, std::shared_ptr<const Route> route,
                       const ListenerSettings& settings) {
  if (auto free = check(*route, &earlier); !free) return free;
  const bool alone = routes_.size() == 1;
  if (!alone && settings.declared != settings_.declared)
    return Error{ErrorKind::Conflict, "", "other channels share the listener"};
  settings_ = settings;
  auto to = route;
  std::erase_if(routes_, [&](const auto& one) { return one.get() == &earlier; });
  if (auto added = add(std::move(route)); !added) return added;
  for (auto* connection : all()) connection->reroute(earlier, to);
  return Done{};
}

bool Server::has(const Route& route) const {
  return std::any_of(routes_.begin(), routes_.end(),
                     [&](const auto& one) { return one.get() == &route; });
}

/// Lives on by itself until what it owes has left.
void Server::close() {
  if (!listener_) return;
  listener_.reset();
  if (!connections_.empty()) itself_ = weak_from_this().lock();
  for (auto* connection : all()) connection->drain();
}

ServerConnection::Found Server::find(const std::string& method,
                                     const std::vector<std::string>& segments) {
  ServerConnection::Found found;
  for (const auto& route : routes_) {
    auto values = route->path.match(segments);
    if (!values) continue;
    for (const auto& taken : route->methods) {
      if (taken == method) return {route, std::move(*values), {}};
      found.other_methods += (found.other_methods.empty() ? "" : ", ") + taken;
    }
  }
  return found;
}

void Server::connected(Socket socket, const SocketAddress& peer) {
  if (connections_.size() >= settings_.connections_max) {
    environment_.metrics.counter("causeway_http_connections_refused_total", label()).add();
    if (!std::exchange(at_limit_, true))
      environment_.log.warn("source_connections_at_limit",
                            {{"address", host_and_port(settings_.host, port_)}});
    return;
  }
  at_limit_ = false;
  const auto id = next_connection_++;
  Host& host = *this;
  auto& connection = *(connections_[id] = std::make_unique<ServerConnection>(id, std::move(socket),
                                                                             peer.str(), host));
  open_ = connections_.size();
  environment_.metrics.counter("causeway_http_connections_total", label()).add();
  environment_.metrics.gauge("causeway_http_connections", label()).add(1);
  connection.open();
}

void Server::closed(ServerConnection& connection, std::string_view reason) {
  const auto found = connections_.find(connection.id());
  CHECK(found != connections_.end());
  ended_.push_back(std::move(found->second));
  connections_.erase(found);
  open_ = connections_.size();
  environment_.metrics.gauge("causeway_http_connections", label()).add(-1);
  environment_.metrics
      .counter("causeway_http_connections_closed_total",
               label() + ",reason=\"" + std::string(reason) + "\"")
      .add();
  if (ended_.size() == 1)
    environment_.loop.post([weak = weak_from_this()] {
      if (auto server = weak.lock()) server->ended_.clear();
    });
  if (connections_.empty() && itself_) environment_.loop.post([self = std::move(itself_)] {});
}

bool Server::answer(const RequestPlace& place, Answer answer) {
  auto* on = connection(place.connection);
  if (on) on->answer(place.number, std::move(answer));
  return on != nullptr;
}

void Server::send(std::uint64_t id) {
  if (auto* on = connection(id)) on->send_answers();
}

void Server::resume_all() {
  for (auto* connection : all()) connection->resume();
}

void Server::close_unanswered(const Route& route) {
  for (auto* connection : all())
    if (connection->owes(route)) connection->close("stopped");
}

bool Server::owes(const Route& route) const {
  return std::any_of(connections_.begin(), connections_.end(),
                     [&](const auto& entry) { return entry.second->owes(route); });
}

bool Server::hold(std::int64_t more_bytes) {
  held_bytes_ += more_bytes;
  return more_bytes <= 0 || held_bytes_ <= static_cast<std::int64_t>(settings_.buffered_bytes_max);
}

void Server::sweep() {
  sweep_timer_ = environment_.loop.after(sweep_interval(settings_), [this] { sweep(); });
  const auto time = std::chrono::steady_clock::now();
  for (auto* connection : all()) connection->close_if_overdue(time);
}

/// Held apart: connections may close while they are gone through. Closed ones live until the loop's
/// next turn.
std::vector<ServerConnection*> Server::all() {
  std::vector<ServerConnection*> list;
  for (const auto& [id, connection] : connections_) list.push_back(connection.get());
  return list;
}

ServerConnection* Server::connection(std::uint64_t id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

std::string Server::label() const {
  return "address=\"" + host_and_port(settings_.host, port_) + "\"";
}

}  // namespace causeway::connectors::http
