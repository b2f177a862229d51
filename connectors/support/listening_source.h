// A source that listens on an address of its own: its life, its connections and their hand-over to
// a successor. A connector adds what its protocol reads, offers and answers.
//
// The public methods are thread-safe; everything else is of the loop's thread. Who derives from it
// calls `stop` in its destructor.
#pragma once

#include "connectors/support/accepted_connections.h"
#include "connectors/support/background.h"
#include "connectors/support/connector.h"
#include "connectors/support/endpoint.h"
#include "connectors/support/intake_gate.h"
#include "connectors/support/under_way.h"

namespace causeway::connectors {

class ListeningSource : public Source, private AcceptedConnections::Host {
 public:
  struct Shape {
    std::string scheme;  ///< "mllp"; with TLS it is "mllps".
    Endpoint endpoint;
    std::size_t connections_max = 0;
    Milliseconds sweep_interval{0};
    std::string_view connections_word = "connections";
    std::size_t stagers = 1;  ///< Threads that stage large bodies.
  };

  Status start(Intake& intake) final;
  void stop(Milliseconds grace) final;
  void pause(bool paused) final { gate_.pause(paused); }
  /// Only from one of the same kind and address.
  bool take_over(Source& earlier) final;
  Probe probe() final;
  std::string address() const final;

 protected:
  ListeningSource(Shape shape, const Name& name, const Environment& environment);
  ~ListeningSource() override;

  /// Before the first connection: makes the inbox.
  virtual void begin() = 0;
  /// After the last connection: closes the inbox. Only after `begin`.
  virtual void end() = 0;

  const Name& name() const { return name_; }
  const Environment& environment() const { return environment_; }
  Intake& intake() const { return *gate_.intake(); }
  AcceptedConnection* find_connection(std::uint64_t id) const { return connections_.find(id); }
  /// The same for all that a connection stages, so that it stays in order.
  Background& stager_of(std::uint64_t connection) {
    return *stagers_[connection % stagers_.size()];
  }
  Counter& counter(const std::string& metric) const;
  bool goes_to_staging(std::size_t bytes) const;
  /// The answer where a body couldn't be staged.
  Reply not_stored(const Error& error, std::string_view content) const;

  // What the connections ask for
  bool has_room() { return gate_.lets_through(); }
  void note_message(std::uint64_t bytes);
  void note_reply(MessageId message, ReplyState state);
  void note_closed(const AcceptedConnection& connection, std::string_view reason);

 private:
  using Stagers = std::vector<std::unique_ptr<Background>>;
  struct Instruments {
    Instruments(Metrics& metrics, const std::string& channel);
    Gauge& connections;
    Counter& accepted;
    Counter& refused;
    Counter& messages;
    Counter& message_bytes;
    Counter& replies_lost;
  };

  std::size_t connections_max() const override { return shape_.connections_max; }
  Milliseconds sweep_interval() const override { return shape_.sweep_interval; }
  void accepted() override;
  void turned_away(const SocketAddress& peer) override;
  void at_limit(bool is_news) override;

  Status listen(Intake& intake);
  Result<Socket> listening_socket();
  void accept_on(Socket socket);
  bool take_socket(ListeningSource& earlier);
  void begin_drain();
  void end_all();
  void set_listening(bool listening);

  const Shape shape_;
  const Name name_;
  const Environment environment_;
  Instruments instruments_;

  // Of the loop's thread
  IntakeGate gate_;  // closed: not started
  AcceptedConnections connections_;
  Socket taken_over_;  // until the start
  bool draining_ = false;
  Stagers stagers_;

  UnderWay open_connections_;
  mutable std::mutex mutex_;  // guards the rest
  std::uint16_t port_ = 0;    // as bound
  bool listening_ = false;
};

}  // namespace causeway::connectors
