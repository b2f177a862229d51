#include "connectors/email/sink.h"

#include "connectors/email/composing.h"
#include "connectors/email/smtp_session.h"
#include "connectors/support/staged_body.h"

namespace causeway::connectors::email {
namespace {

/// Of one delivery's content; more than mail servers take.
constexpr std::size_t content_bytes_max = 32 * 1024 * 1024;

Attempt rejected(Error error) {
  auto attempt = deferred(std::move(error), false);
  attempt.outcome = Outcome::Rejected;
  return attempt;
}

Envelope envelope_of(const Mail& mail) {
  Envelope envelope{mail.from.address, {}};
  for (const auto* list : {&mail.to, &mail.cc, &mail.bcc})
    for (const auto& each : *list)
      if (std::find(envelope.to.begin(), envelope.to.end(), each.address) == envelope.to.end())
        envelope.to.push_back(each.address);
  return envelope;
}

}  // namespace

/// One session, and what is sent by it.
class EmailSink::MailSender final : public DeliveryThreads::Sender {
 public:
  MailSender(const EmailSink& sink, const std::atomic<bool>& cut) : sink_(sink), cut_(cut) {}

  Attempt send(const StoredDelivery& delivery) override {
    if (delivery.body.size() > content_bytes_max)
      return rejected({ErrorKind::Limit, "", "the content has more than 32 MiB"});
    std::string content(delivery.body.view());
    if (delivery.body.is_staged()) {
      auto read = read_staged(sink_.environment_.staging, delivery.body);
      if (!read) return deferred(read.error(), false);
      content = std::move(*read);
    }
    auto mail = compose(sink_.settings_, delivery, std::move(content));
    if (!mail) return rejected(mail.error());
    auto text = mail_text(*mail, identity_of(delivery.work));
    if (!text) return rejected(text.error());
    if (!sink_.environment_.may_send()) return deferred({ErrorKind::Stopped, "", "stopped"}, false);
    const bool kept = session_ != nullptr;
    auto attempt = try_once(envelope_of(*mail), *text);
    // A session that was kept may have been closed by the server while nothing was done.
    const bool again = kept && !session_ && attempt.outcome == Outcome::Deferred &&
                       attempt.reason.kind == ErrorKind::Unavailable;
    return again ? try_once(envelope_of(*mail), *text) : attempt;
  }
  void rest() override { session_.reset(); }

 private:
  Attempt try_once(const Envelope& envelope, const std::string& text) {
    if (!session_) session_ = std::make_unique<SmtpSession>(sink_.settings_.server, cut_);
    auto attempt = session_->send(envelope, text);
    if (attempt.outcome != Outcome::Delivered) session_.reset();
    return attempt;
  }

  const EmailSink& sink_;
  const std::atomic<bool>& cut_;
  std::unique_ptr<SmtpSession> session_;
};

EmailSink::EmailSink(SinkSettings settings, const Name& name, const Environment& environment)
    : settings_(std::move(settings)),
      environment_(environment),
      threads_(
          [this](const std::atomic<bool>& cut) { return std::make_unique<MailSender>(*this, cut); },
          settings_.connections, name, environment) {}

std::string EmailSink::address() const {
  return address_of(settings_.server);
}

Probe EmailSink::probe() {
  const std::atomic<bool> never{false};
  SmtpSession session(settings_.server, never);
  if (auto done = session.try_log_in(); !done)
    return {false, address() + ": " + done.error().str()};
  return {true, address() + " can be reached" +
                    (settings_.server.user.empty() ? "" : ", and logged in to")};
}

}  // namespace causeway::connectors::email
