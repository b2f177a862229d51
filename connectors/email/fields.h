// What an e-mail sink can be told, and what was read of it. Plain values.
// Errors: Invalid (an address, a password without TLS), a secret that isn't there.
#pragma once

#include "connectors/email/mail.h"
#include "engine/config/fields.h"
#include "engine/core/secrets.h"

namespace causeway::connectors::email {

const config::Fields& sink_fields();

struct ServerSettings {
  enum class Security : std::uint8_t { StartTls, Tls, None };
  std::string host;
  std::uint16_t port = 587;
  Security security = Security::StartTls;
  std::string ca_file;  ///< Empty: the system's authorities.
  std::string user, password;
  Milliseconds connect_timeout{0};
  Milliseconds timeout{0};  ///< Without progress, and for each answer.
};

struct SinkSettings {
  ServerSettings server;
  Address from;
  std::vector<Address> to, cc;
  std::string subject;
  std::vector<std::string> recipients_allowed;  ///< Empty: those of the configuration alone.
  enum class Content : std::uint8_t { Mail, Text, Attachment };
  Content content = Content::Mail;
  std::string attachment_name;
  std::size_t connections = 1;
};

Result<SinkSettings> sink_settings(const config::Parsed& parsed, const Secrets* secrets);

}  // namespace causeway::connectors::email
