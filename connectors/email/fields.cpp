#include "connectors/email/fields.h"

#include "connectors/support/secret_field.h"

namespace causeway::connectors::email {
namespace {

Result<std::vector<Address>> addresses(const config::Parsed& parsed, const char* field) {
  std::vector<Address> all;
  for (const auto& text : parsed.text_list(field)) {
    auto address = parse_address(text);
    if (!address) return Error{ErrorKind::Invalid, field, text + " is not an address of mail"};
    all.push_back(std::move(*address));
  }
  return all;
}

Result<ServerSettings> server_settings(const config::Parsed& parsed, const Secrets* secrets) {
  using Security = ServerSettings::Security;
  ServerSettings settings;
  settings.host = parsed.text("host");
  if (settings.host.empty() || settings.host.find_first_of("/@?# \t\r\n") != std::string::npos)
    return Error{ErrorKind::Invalid, "host", "it is no name or address of a host"};
  const auto security = parsed.text("security");
  settings.security = security == "tls"    ? Security::Tls
                      : security == "none" ? Security::None
                                           : Security::StartTls;
  settings.port = static_cast<std::uint16_t>(parsed.given("port") ? parsed.integer("port")
                                             : settings.security == Security::Tls ? 465
                                                                                  : 587);
  settings.ca_file = parsed.text("ca_file");
  settings.user = parsed.text("user");
  settings.connect_timeout = parsed.duration("connect_timeout_ms");
  settings.timeout = parsed.duration("timeout_ms");
  auto password = secret_value(parsed, "password", secrets);
  if (!password) return password.error();
  settings.password = std::move(*password);
  if (settings.user.empty() != !parsed.given("password"))
    return Error{ErrorKind::Invalid, "user", "user and password go together"};
  if (settings.security == Security::None && !settings.user.empty())
    return Error{ErrorKind::Invalid, "security", "a password needs TLS"};
  return settings;
}

}  // namespace

const config::Fields& sink_fields() {
  static const config::Fields fields = {
      config::text("host", "Name or address of the mail server (submission)").required(),
      config::integer("port", "Its TCP port; without: 587, or 465 with \"tls\"").between(1, 65535),
      config::choice(
          "security",
          "TLS after STARTTLS, which the server has to offer; TLS from the first byte; or "
          "none, for a server on this machine",
          {"starttls", "tls", "none"}),
      config::text("ca_file",
                   "PEM file of the authorities that sign the server's certificate; without: the "
                   "system's"),
      config::text("user", "The account to send with; without: none"),
      config::text("password", "Its password").secret(),
      config::text("from", "The sender: \"lab@hospital.example\" or \"Lab <lab@hospital.example>\"")
          .required(),
      config::text_list("to", "Recipients, where the content names none"),
      config::text_list("cc", "Recipients of a copy, likewise"),
      config::text("subject", "The subject, where the content names none"),
      config::text_list(
          "recipients_allowed",
          "Whom the content may name: addresses, and \"@hospital.example\" for all of "
          "a domain; without: nobody but those above"),
      config::choice("content",
                     "What a delivery is: JSON that describes a mail (to, cc, bcc, subject, text, "
                     "html, attachments); the mail's text; an attachment",
                     {"mail", "text", "attachment"}),
      config::text("attachment_name", "The file's name of a content that is an attachment")
          .defaults_to("message"),
      config::integer("connections", "Mails sent at once, each on its own connection")
          .between(1, 16)
          .defaults_to(1),
      config::duration_ms("connect_timeout_ms", "For look-up, connection and log-in", 10'000)
          .between(1, 600'000),
      config::duration_ms("timeout_ms", "For the server to answer, or take any bytes", 60'000)
          .between(1, 3'600'000),
  };
  return fields;
}

Result<SinkSettings> sink_settings(const config::Parsed& parsed, const Secrets* secrets) {
  SinkSettings settings;
  auto server = server_settings(parsed, secrets);
  if (!server) return server.error();
  settings.server = std::move(*server);
  auto from = parse_address(parsed.text("from"));
  if (!from) return Error{ErrorKind::Invalid, "from", "it is not an address of mail"};
  settings.from = std::move(*from);
  auto to = addresses(parsed, "to"), cc = addresses(parsed, "cc");
  if (!to) return to.error();
  if (!cc) return cc.error();
  settings.to = std::move(*to);
  settings.cc = std::move(*cc);
  settings.subject = parsed.text("subject");
  settings.recipients_allowed = parsed.text_list("recipients_allowed");
  const auto content = parsed.text("content");
  settings.content = content == "text"         ? SinkSettings::Content::Text
                     : content == "attachment" ? SinkSettings::Content::Attachment
                                               : SinkSettings::Content::Mail;
  settings.attachment_name = parsed.text("attachment_name");
  settings.connections = static_cast<std::size_t>(parsed.integer("connections"));
  if (settings.to.empty() && settings.recipients_allowed.empty())
    return Error{ErrorKind::Invalid, "to",
                 "nobody may be sent to: name \"to\" or "
                 "\"recipients_allowed\""};
  return settings;
}

}  // namespace causeway::connectors::email
