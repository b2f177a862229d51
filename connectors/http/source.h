// Takes requests and offers what they carry. One for each source of a channel; several may share a
// listener (server.h).
//
// The public methods of Source are thread-safe; everything else is of the loop's thread. Replies
// come from any thread into an inbox and are worked off by the loop, many at a time.
#pragma once

#include "connectors/http/form_request.h"
#include "connectors/http/server.h"
#include "connectors/support/inbox.h"
#include "connectors/support/intake_gate.h"
#include "connectors/support/under_way.h"

namespace causeway::connectors::http {

/// Whose reply it is: a request's, or one of the messages in it.
struct ReplyPlace {
  RequestPlace request;
  std::shared_ptr<FormRequest> form = nullptr;
  std::size_t part = 0;
};

struct ReplyFor {
  ReplyPlace place;
  Reply reply;
};

class HttpSource final : public Source, private Receiver {
 public:
  HttpSource(SourceSettings settings, const Name& name, const Environment& environment);
  ~HttpSource() override;

  Status start(Intake& intake) override;
  void stop(Milliseconds grace) override;
  void pause(bool paused) override { gate_.pause(paused); }
  bool take_over(Source& earlier) override;
  Probe probe() override;
  std::string address() const override;
  std::string compose_reply(std::string_view message, const Verdict& verdict) const override;

 private:
  using Replies = Inbox<HttpSource, ReplyFor>;
  friend Replies;
  struct Instruments {
    Instruments(Metrics& metrics, const std::string& channel);
    Counter& messages;
    Counter& message_bytes;
    Counter& replies_lost;
  };

  const SourceSettings& settings() const override { return settings_; }
  bool may_offer() override { return gate_.lets_through(); }
  BodyCollector::Places places() override;
  void offer(const RequestPlace& place, Request request) override;
  void begun() override { under_way_.begin(); }
  void over() override { under_way_.end(); }
  void reply_sent(MessageId message, ReplyState state) override;
  void refused(int status, std::string_view word) override;

  Status listen(Intake& intake);
  bool take_route(HttpSource& earlier);
  void offer_envelope(const RequestPlace& place, Request request);
  Reply not_taken(const Error& error) const;
  std::string composed(const Verdict& verdict) const;
  void offer_form(const RequestPlace& place, Request request);
  void offer_part(const Draft& like, const ReplyPlace& place, const FormPart& part);
  void accept(Draft draft, const ReplyPlace& place);
  Draft draft_of(Request request) const;
  SharedAttributes attributes_of(const Request& request) const;
  Answer answer_of(const Reply& reply) const;
  void answer_at_once(const RequestPlace& place, int status, std::string_view detail);
  void take(std::vector<ReplyFor> replies);
  void begin_stop();
  void end_all();

  const SourceSettings settings_;
  const Name name_;
  const Environment environment_;
  Instruments instruments_;

  // Of the loop's thread
  IntakeGate gate_;  // closed: not started
  std::shared_ptr<Server> server_;
  std::shared_ptr<const Route> route_;
  std::shared_ptr<Replies> inbox_;
  std::unique_ptr<Background> stager_;

  UnderWay under_way_;
  mutable std::mutex mutex_;  // guards the rest
  std::uint16_t port_ = 0;    // as bound
  std::size_t sharing_ = 0;
  bool listening_ = false;
};

}  // namespace causeway::connectors::http
