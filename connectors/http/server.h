// One listening address, the connections that came in by it, and the sources that share it: each
// takes the requests of its methods and path.
//
// Loop's thread alone, but for `address` and `open_connections`. Sources hold it by shared_ptr; the
// last that leaves closes it. It lives on until its connections have ended, which it holds.
#pragma once

#include <atomic>

#include "connectors/http/fields.h"
#include "connectors/http/server_connection.h"
#include "connectors/support/connector.h"

namespace causeway::connectors::http {

class Server final : public std::enable_shared_from_this<Server>,
                     private ServerConnection::Host,
                     private AcceptedConnections::Host {
 public:
  Server(const ListenerSettings& settings, const Environment& environment);
  ~Server() override;

  /// The server of this loop and address, or a new one that listens. Errors: as listen_on;
  /// Conflict, where it is there with other settings of TLS or limits.
  static Result<std::shared_ptr<Server>> share(const ListenerSettings& settings,
                                               const std::string& channel,
                                               const Environment& environment);

  /// Conflict: another source takes these requests.
  Status add(std::shared_ptr<const Route> route);
  /// Takes no request for it any more; those that have begun go on. Closes what nobody shares.
  void remove(const Route& route);
  /// In the place of `earlier`: with the same listener, in one step. Conflict: nothing has changed.
  Status replace(const Route& earlier, std::shared_ptr<const Route> route,
                 const ListenerSettings& settings);
  bool has(const Route& route) const;
  std::size_t routes() const { return routes_.size(); }

  /// Answers a request; the answers leave with `send`. False: its connection is gone.
  bool answer(const RequestPlace& place, Answer answer);
  void send(std::uint64_t connection);
  /// Reads on, where a source may have room again.
  void resume_all() { connections_.resume_all(); }
  /// Closes the connections that still owe `route` an answer.
  void close_unanswered(const Route& route);
  bool owes(const Route& route) const;

  std::uint16_t port() const { return port_; }
  std::size_t open_connections() const { return open_; }
  const ListenerSettings& listener_settings() const { return settings_; }

 private:
  const ListenerSettings& settings() const override { return settings_; }
  ServerConnection::Found find(const std::string& method,
                               const std::vector<std::string>& segments) override;
  bool hold(std::int64_t more_bytes) override;
  std::size_t connections_max() const override { return settings_.connections_max; }
  Milliseconds sweep_interval() const override {
    return sweep_interval_for({settings_.idle_timeout, settings_.request_timeout});
  }
  std::unique_ptr<AcceptedConnection> make_connection(std::uint64_t id, Socket socket,
                                                      std::string peer) override;
  void accepted() override;
  void at_limit(bool is_news) override;
  EventLoop& loop() override { return environment_.loop; }
  SystemTime now() const override { return environment_.clock.now(); }
  void closed(ServerConnection& connection, std::string_view reason) override;

  Status listen();
  void close();
  Status check(const Route& route, const Route* but) const;
  std::vector<ServerConnection*> all() const;
  ServerConnection* find_connection(std::uint64_t id) const;
  std::string label() const;

  ListenerSettings settings_;
  const Environment environment_;
  AcceptedConnections connections_;
  std::vector<std::shared_ptr<const Route>> routes_;  // the more exact before others
  std::int64_t held_bytes_ = 0;
  std::shared_ptr<Server> itself_;  // while it has connections that nobody else may hold
  std::atomic<std::uint16_t> port_{0};
  std::atomic<std::size_t> open_{0};
};

}  // namespace causeway::connectors::http
