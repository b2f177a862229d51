// One connection to a server: opened on demand, kept, one request in flight.
//
// Loop's thread alone. What decides how a try ended: a server that hasn't got the last byte of a
// request can't have acted on it, so until the kernel has taken that byte nothing was sent.
// Standard: RFC 9112. Interim answers (1xx) are passed over; connections are never upgraded.
#pragma once

#include <functional>

#include "connectors/http/parser.h"
#include "connectors/support/deadline.h"
#include "connectors/support/dial.h"
#include "connectors/support/stream.h"
#include "engine/core/body.h"

namespace causeway::connectors::http {

/// Where requests go.
struct ClientTarget {
  std::string host;
  std::uint16_t port = 0;
  std::shared_ptr<const TlsContext> tls;  ///< nullptr: plain.

  std::string place() const { return host_and_port(host, port); }
};

struct ClientRules {
  Milliseconds connect_timeout{0};
  Milliseconds reply_timeout{0};  ///< From the last byte to the whole answer; for any byte to go.
  Milliseconds idle_timeout{0};   ///< 0: never.
  std::size_t answer_bytes_max = 0;
};

struct ClientRequest {
  std::string head;  ///< All lines, and the empty one.
  Bytes body;
  bool head_only = false;  ///< HEAD: the answer has no body.
};

struct ClientAnswer {
  Head head;
  std::string body;
};

/// How far an exchange came.
enum class ClientStage : std::uint8_t {
  NotConnected,
  NotSent,  ///< Not whole.
  Sent,     ///< The server may have acted on it.
  Answered,
};

class ClientConnection final : private Stream::Owner {
 public:
  using OnDone = std::function<void(Result<ClientAnswer>, ClientStage)>;
  class Host {
   public:
    virtual ~Host() = default;
    virtual bool may_send() const = 0;  ///< As Environment::may_send.
    virtual void opened() = 0;
    virtual void closed(std::string_view reason) = 0;  ///< A word for metrics.
  };

  ClientConnection(EventLoop& loop, ClientTarget target, const ClientRules& rules, Host& host);
  ~ClientConnection() override;

  bool is_busy() const { return busy_; }
  bool is_connected() const { return is_open_; }
  /// Only while not busy. `on_done` once, maybe at once.
  void send(ClientRequest request, OnDone on_done);
  /// Ends an exchange that has sent nothing, as Stopped; closes if not busy.
  void give_up_unsent();
  void give_up();  ///< Ends any exchange, and closes.

 private:
  void on_open() override;
  void on_bytes(std::string_view bytes) override;
  void on_progress() override;
  void on_peer_end() override;
  void on_failure(const Stream::Failure& failure) override;

  void connect();
  void transmit();
  bool read_answer(std::string_view& bytes);
  void answered(std::string_view rest);
  bool has_sent_nothing() const;
  void lost(ErrorKind kind, std::string text);
  void not_connected(Error error);
  void breach(std::string text);
  void finish(Result<ClientAnswer> answer, ClientStage stage);
  void disconnect(std::string_view reason);
  void on_deadline();

  EventLoop& loop_;
  const ClientTarget target_;
  const ClientRules rules_;
  Host& host_;
  std::unique_ptr<Dial> dial_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<Stream> old_stream_;  // closed, perhaps under our feet: destroyed with the next
  bool is_open_ = false;
  bool heard_ = false;   // any byte on this connection
  bool reused_ = false;  // for a further request
  bool busy_ = false;
  ClientRequest request_;
  OnDone on_done_;
  Parser parser_;
  std::string unparsed_;
  ClientAnswer answer_;
  std::uint64_t begin_ = 0;  // of the request, in bytes of the stream
  std::uint64_t end_ = 0;
  std::uint64_t handed_at_check_ = 0;
  Deadline deadline_;
};

}  // namespace causeway::connectors::http
