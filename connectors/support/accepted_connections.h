// The connections that come in by one listening socket, from being accepted to their end.
//
// Loop's thread alone. Closed ones are destroyed on the loop's next turn, once nothing runs in
// them.
#pragma once

#include <initializer_list>
#include <unordered_map>

#include "connectors/support/listener.h"

namespace causeway::connectors {

/// One peer that has connected: the part of it that is the same for all protocols.
class AcceptedConnection {
 public:
  AcceptedConnection(std::uint64_t id, std::string peer) : id_(id), peer_(std::move(peer)) {}
  virtual ~AcceptedConnection() = default;

  std::uint64_t id() const { return id_; }
  const std::string& peer() const { return peer_; }  ///< Its address.

  virtual void open() = 0;
  virtual void resume() = 0;  ///< Looks again whether it may read and offer.
  virtual void drain() = 0;   ///< Ends with what has begun; closes once it is answered.
  /// Once; tells its owner. `reason` is a word for metrics.
  virtual void close(std::string_view reason) = 0;
  virtual void close_if_overdue(SteadyTime now) = 0;

 private:
  const std::uint64_t id_;
  const std::string peer_;
};

class AcceptedConnections {
 public:
  class Host {
   public:
    virtual ~Host() = default;
    virtual std::size_t connections_max() const = 0;
    virtual Milliseconds sweep_interval() const = 0;
    virtual bool lets_in(const SocketAddress&) const { return true; }
    virtual std::unique_ptr<AcceptedConnection> make_connection(std::uint64_t id, Socket socket,
                                                                std::string peer) = 0;
    virtual void accepted() = 0;  ///< Before it is opened.
    /// One that isn't let in has been hung up on.
    virtual void turned_away(const SocketAddress&) {}
    /// One too many has been hung up on; `is_news`: the one before it wasn't.
    virtual void at_limit(bool is_news) = 0;
  };

  AcceptedConnections(EventLoop& loop, Host& host) : loop_(loop), host_(host) {}
  ~AcceptedConnections();
  AcceptedConnections(const AcceptedConnections&) = delete;

  void accept_on(Socket socket);
  bool is_listening() const { return listener_ != nullptr; }
  std::uint16_t port() const { return listener_->address().port(); }
  void stop_listening() { listener_.reset(); }
  /// The socket, which goes on listening; no connection comes here any more.
  Socket release_socket();

  std::size_t size() const { return connections_.size(); }
  AcceptedConnection* find(std::uint64_t id) const;
  /// Held apart: connections may close while they are gone through.
  std::vector<AcceptedConnection*> all() const;
  void resume_all();
  void drain_all();
  /// Destroys them, too; not from within one of them. To be called before the end.
  void close_all(std::string_view reason);
  /// Last call of one that has closed.
  void closed(const AcceptedConnection& connection);

 private:
  void connected(Socket socket, const SocketAddress& peer);
  void sweep();

  EventLoop& loop_;
  Host& host_;
  std::unique_ptr<Listener> listener_;
  std::unordered_map<std::uint64_t, std::unique_ptr<AcceptedConnection>> connections_;
  std::vector<std::unique_ptr<AcceptedConnection>> ended_;
  std::uint64_t next_id_ = 1;
  bool at_limit_ = false;
  EventLoop::TimerId sweep_timer_ = 0;
  EventLoop::TimerId burial_ = 0;
};

/// How often to look for what is overdue, so that none of these time-outs (0: none) is passed by
/// much.
Milliseconds sweep_interval_for(std::initializer_list<Milliseconds> timeouts);

}  // namespace causeway::connectors
