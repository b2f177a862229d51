// One sender's connection: requests in, answers out in the order of the requests.
//
// Loop's thread alone. A sender may send on before its answers are out; reading stops at
// `unanswered_max`, while the source of the next request wants no more, and while a large body is
// being staged. What is refused is answered at once, and the rest of its body passed over.
// Standard: RFC 9112 (persistence, pipelining), RFC 9110 section 10.1.1 (Expect).
#pragma once

#include <deque>

#include "connectors/http/parser.h"
#include "connectors/http/route.h"
#include "connectors/support/accepted_connections.h"
#include "connectors/support/stream.h"

namespace causeway::connectors::http {

class ServerConnection final : public AcceptedConnection, private Stream::Owner {
 public:
  struct Found {
    std::shared_ptr<const Route> route;  ///< nullptr: none.
    Attributes values;                   ///< Of the path's names.
    std::string other_methods;           ///< Where the path is there: "GET, PUT".
  };
  /// What it asks of the server that it belongs to.
  class Host {
   public:
    virtual ~Host() = default;
    virtual const ListenerSettings& settings() const = 0;
    virtual Found find(const std::string& method, const std::vector<std::string>& segments) = 0;
    /// False: too much is held by all connections together.
    virtual bool hold(std::int64_t more_bytes) = 0;
    virtual EventLoop& loop() = 0;
    virtual SystemTime now() const = 0;
    /// Its last call; destroys it later. `reason` is a word for metrics.
    virtual void closed(ServerConnection& connection, std::string_view reason) = 0;
  };

  ServerConnection(std::uint64_t id, Socket socket, std::string peer, Host& host);
  ~ServerConnection() override;

  void open() override { stream_.open(); }
  /// Notes an answer; it leaves with `send_answers`, which may close the connection.
  void answer(std::uint64_t number, Answer answer);
  void send_answers();
  void resume() override;
  void drain() override;
  void close(std::string_view reason) override;
  void close_if_overdue(SteadyTime now) override;
  bool owes(const Route& route) const;
  /// A request that waits for `from` goes to `to` instead; nullptr: it is refused.
  void reroute(const Route& from, std::shared_ptr<const Route> to);

 private:
  struct Expected {
    std::shared_ptr<const Route> route;  // nullptr: nobody was asked
    std::optional<Answer> answer;
    bool head_only = false;
    bool packs = false;  // the sender takes gzip
    bool last = false;   // the connection closes after it
    bool old_version = false;
  };
  struct Leaving {
    std::uint64_t end = 0;  // in bytes of the stream
    std::shared_ptr<const Route> route;
    std::vector<MessageId> messages;
  };
  /// The request that is coming in.
  struct Incoming {
    std::shared_ptr<const Route> route;  // nullptr: refused, its body is passed over
    Request request;
    std::unique_ptr<BodyCollector> body;
    std::uint64_t passed_over = 0;
    bool gave_go_ahead = false;
    bool held_back = false;  // its head waits for its source
    bool collecting = false;
  };

  void on_open() override;
  void on_bytes(std::string_view bytes) override;
  void on_progress() override;
  void on_peer_end() override;
  void on_failure(const Stream::Failure& failure) override;

  void read_requests();
  bool may_read() const;
  bool handle(Parser::Event event);
  void begin_request();
  bool admit(Incoming& incoming);
  bool find_route(Incoming& incoming, const Head& head);
  bool check_head(const Incoming& incoming, const Head& head);
  bool check_sender(Incoming& incoming, const Head& head);
  bool check_body(const Incoming& incoming, const Head& head);
  void expect_body();
  void take_body(std::string_view piece);
  void end_request();
  void collected(Result<BodyCollector::Collected> body);
  void body_failed(const Error& error);
  bool refuse(const std::shared_ptr<const Route>& route, int status, std::string_view detail,
              std::string_view word, std::string_view headers = {});
  void refuse_and_close(int status, std::string_view detail);
  void give_go_ahead();
  void send_one(Expected& expected);
  void settle_sent();
  void close_if_done();
  void update_reading();
  bool hold_bytes();

  Host& host_;
  Stream stream_;
  Parser parser_;
  std::string unparsed_;
  std::optional<Incoming> incoming_;
  std::deque<Expected> expected_;
  std::uint64_t first_number_ = 0;  // of expected_
  std::deque<Leaving> leaving_;
  std::int64_t held_ = 0;  // told to the host
  bool is_open_ = false;
  bool reading_requests_ = false;
  bool draining_ = false;
  bool peer_ended_ = false;
  bool no_more_ = false;   // requests: the last one was the last
  bool last_out_ = false;  // close as soon as what is queued has left
  bool closed_ = false;
  SteadyTime last_active_;
  SteadyTime request_begun_;
};

}  // namespace causeway::connectors::http
