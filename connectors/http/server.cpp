#include "connectors/http/server.h"

#include <algorithm>

namespace causeway::connectors::http {
namespace {

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
    : settings_(settings),
      environment_(environment),
      connections_(environment.loop, *this),
      port_(settings.port) {}

Server::~Server() {
  close();
  connections_.close_all("stopped");
}

Result<std::shared_ptr<Server>> Server::share(const ListenerSettings& settings,
                                              const std::string& channel,
                                              const Environment& environment) {
  auto& parts = environment.loop.shared();
  const auto key = key_of(settings);
  if (settings.port != 0)
    if (auto there = std::static_pointer_cast<Server>(parts[key].lock());
        there && there->connections_.is_listening()) {
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
  connections_.accept_on(std::move(*socket));
  port_ = connections_.port();
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
  if (!connections_.is_listening()) return;
  connections_.stop_listening();
  if (connections_.size() > 0) itself_ = weak_from_this().lock();
  connections_.drain_all();
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

std::unique_ptr<AcceptedConnection> Server::make_connection(std::uint64_t id, Socket socket,
                                                            std::string peer) {
  ServerConnection::Host& host = *this;
  return std::make_unique<ServerConnection>(id, std::move(socket), std::move(peer), host);
}

void Server::accepted() {
  open_ = connections_.size();
  environment_.metrics.counter("causeway_http_connections_total", label()).add();
  environment_.metrics.gauge("causeway_http_connections", label()).add(1);
}

void Server::at_limit(bool is_news) {
  environment_.metrics.counter("causeway_http_connections_refused_total", label()).add();
  if (is_news)
    environment_.log.warn("source_connections_at_limit",
                          {{"address", host_and_port(settings_.host, port_)}});
}

void Server::closed(ServerConnection& connection, std::string_view reason) {
  connections_.closed(connection);
  open_ = connections_.size();
  environment_.metrics.gauge("causeway_http_connections", label()).add(-1);
  environment_.metrics
      .counter("causeway_http_connections_closed_total",
               label() + ",reason=\"" + std::string(reason) + "\"")
      .add();
  if (connections_.size() == 0 && itself_) environment_.loop.post([self = std::move(itself_)] {});
}

bool Server::answer(const RequestPlace& place, Answer answer) {
  auto* on = find_connection(place.connection);
  if (on) on->answer(place.number, std::move(answer));
  return on != nullptr;
}

void Server::send(std::uint64_t id) {
  if (auto* on = find_connection(id)) on->send_answers();
}

void Server::close_unanswered(const Route& route) {
  for (auto* connection : all())
    if (connection->owes(route)) connection->close("stopped");
}

bool Server::owes(const Route& route) const {
  const auto list = all();
  return std::any_of(list.begin(), list.end(),
                     [&](const auto* connection) { return connection->owes(route); });
}

bool Server::hold(std::int64_t more_bytes) {
  held_bytes_ += more_bytes;
  return more_bytes <= 0 || held_bytes_ <= static_cast<std::int64_t>(settings_.buffered_bytes_max);
}

std::vector<ServerConnection*> Server::all() const {
  std::vector<ServerConnection*> list;
  for (auto* connection : connections_.all())
    list.push_back(static_cast<ServerConnection*>(connection));
  return list;
}

ServerConnection* Server::find_connection(std::uint64_t id) const {
  return static_cast<ServerConnection*>(connections_.find(id));
}

std::string Server::label() const {
  return "address=\"" + host_and_port(settings_.host, port_) + "\"";
}

}  // namespace causeway::connectors::http
