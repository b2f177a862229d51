#include "engine/observe/alerts/teller.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/DatagramSocket.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/MailMessage.h>
#include <Poco/Net/MailRecipient.h>
#include <Poco/Net/SecureSMTPClientSession.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/URI.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <ostream>

#include "engine/core/clock.h"

namespace causeway::observe {
namespace {

namespace net = Poco::Net;

const Poco::Timespan timeout(std::chrono::seconds(NetworkTeller::patience).count(), 0);
constexpr int facility_daemon = 3, severity_critical = 2, severity_warning = 4, severity_notice = 5;

net::Context::Ptr tls_context(const Recipient& recipient) {
  return new net::Context(net::Context::TLS_CLIENT_USE, recipient.ca_file,
                          net::Context::VERIFY_STRICT, 9, recipient.ca_file.empty());
}

Status post(const Recipient& recipient, const std::string& token, const Notice& notice) {
  const Poco::URI uri(recipient.url);
  std::unique_ptr<net::HTTPClientSession> session;
  if (uri.getScheme() == "https")
    session = std::make_unique<net::HTTPSClientSession>(uri.getHost(), uri.getPort(),
                                                        tls_context(recipient));
  else
    session = std::make_unique<net::HTTPClientSession>(uri.getHost(), uri.getPort());
  session->setTimeout(timeout);
  const auto target = uri.getPathAndQuery();
  net::HTTPRequest request("POST", target.empty() ? "/" : target, net::HTTPMessage::HTTP_1_1);
  if (!token.empty()) request.set("Authorization", "Bearer " + token);
  request.setContentType("application/json");
  const auto body = notice_json(notice);
  request.setContentLength64(static_cast<Poco::Int64>(body.size()));
  session->sendRequest(request) << body << std::flush;
  net::HTTPResponse response;
  session->receiveResponse(response);
  if (response.getStatus() / 100 == 2) return Done{};
  return Error{ErrorKind::Refused, recipient.name,
               fmt::format("answers {}", static_cast<int>(response.getStatus()))};
}

Status mail(const Recipient& recipient, const std::string& password, const Notice& notice) {
  const Poco::URI uri(recipient.url);
  const bool from_the_start = uri.getScheme() == "smtps";
  const auto port =
      uri.getPort() ? uri.getPort() : static_cast<unsigned short>(from_the_start ? 465 : 587);
  const net::SocketAddress address(uri.getHost(), port);
  std::unique_ptr<net::SMTPClientSession> session;
  if (from_the_start) {
    net::SecureStreamSocket socket(tls_context(recipient));
    socket.setPeerHostName(uri.getHost());
    socket.connect(address, timeout);
    session = std::make_unique<net::SMTPClientSession>(socket);
    session->setTimeout(timeout);
    session->login();
  } else {
    net::StreamSocket socket;
    socket.connect(address, timeout);
    auto plain = std::make_unique<net::SecureSMTPClientSession>(socket);
    plain->setTimeout(timeout);
    plain->login();
    // A password, or who is told what, goes over nothing but TLS beyond this machine.
    const bool here = address.host().isLoopback();
    if (!plain->startTLS(tls_context(recipient)) && (!here || !password.empty()))
      return Error{ErrorKind::Refused, recipient.name, "the mail server offers no STARTTLS"};
    session = std::move(plain);
  }
  if (!recipient.user.empty())
    session->login(net::SMTPClientSession::AUTH_PLAIN, recipient.user, password);
  net::MailMessage message;
  message.setSender(recipient.mail_from);
  for (const auto& to : recipient.mail_to)
    message.addRecipient({net::MailRecipient::PRIMARY_RECIPIENT, to});
  message.setSubject(net::MailMessage::encodeWord("[causeway] " + notice_line(notice)));
  message.setContentType("text/plain; charset=UTF-8");
  message.setContent(notice_line(notice) + "\r\n", net::MailMessage::ENCODING_QUOTED_PRINTABLE);
  session->sendMessage(message);
  session->close();
  return Done{};
}

std::string syslog_message(const Notice& notice, SystemTime now) {
  char host[256] = "-";
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = '-';
  const int severity = notice.kind == Notice::Kind::Resolved ? severity_notice
                       : notice.alert.critical               ? severity_critical
                                                             : severity_warning;
  return fmt::format("<{}>1 {:%Y-%m-%dT%H:%M:%S}Z {} causeway {} alert - {}",
                     facility_daemon * 8 + severity, std::chrono::floor<std::chrono::seconds>(now),
                     host, ::getpid(), notice_line(notice));
}

Status log(const Recipient& recipient, const Notice& notice) {
  const Poco::URI uri(recipient.url);
  const bool datagram = uri.getScheme() == "udp";
  const auto port =
      uri.getPort() ? uri.getPort() : static_cast<unsigned short>(datagram ? 514 : 601);
  const net::SocketAddress address(uri.getHost(), port);
  const auto message = syslog_message(notice, MachineClock().now());
  if (datagram) {
    net::DatagramSocket socket(address.family());
    socket.sendTo(message.data(), static_cast<int>(message.size()), address);
    return Done{};
  }
  net::StreamSocket socket;
  socket.connect(address, timeout);
  socket.setSendTimeout(timeout);
  const auto framed = fmt::format("{} {}", message.size(), message);
  for (std::size_t sent = 0; sent < framed.size();)
    sent += static_cast<std::size_t>(
        socket.sendBytes(framed.data() + sent, static_cast<int>(framed.size() - sent)));
  socket.shutdownSend();
  return Done{};
}

}  // namespace

Result<std::string> NetworkTeller::secret_of(const Recipient& recipient) const {
  const auto name = config::secret_name(recipient.secret);
  if (!name) return std::string();
  if (!secrets_) return Error{ErrorKind::NotFound, recipient.name, "there is no store of secrets"};
  return secrets_->value(*name);
}

Status NetworkTeller::tell(const Recipient& recipient, const Notice& notice) {
  auto secret = secret_of(recipient);
  if (!secret) return secret.error();
  try {
    switch (recipient.type) {
      case Recipient::Type::Webhook:
        return post(recipient, *secret, notice);
      case Recipient::Type::Email:
        return mail(recipient, *secret, notice);
      case Recipient::Type::Syslog:
        return log(recipient, notice);
    }
  } catch (const Poco::Exception& error) {
    return Error{ErrorKind::Unavailable, recipient.name, error.displayText()};
  }
  return Error{ErrorKind::Internal, recipient.name, "is of no known type"};
}

}  // namespace causeway::observe
