#include "connectors/ftp/fields.h"

#include "connectors/support/secret_field.h"

namespace causeway::connectors::ftp {
namespace {

config::Fields server_fields() {
  return {
      config::text("host", "Name or address of the server").required(),
      config::integer("port", "Its TCP port; without: 21, or 990 with \"implicit\"")
          .between(1, 65535),
      config::choice(
          "security",
          "TLS for commands and files after AUTH TLS, which the server has to offer; TLS "
          "from the first byte; or none: passwords and files go in the clear",
          {"explicit", "implicit", "none"}),
      config::text("ca_file",
                   "PEM file of the authorities that sign the server's certificate; without: the "
                   "system's"),
      config::text("user", "The user to log in as").required(),
      config::text("password", "Its password").secret(),
      config::text("folder", "The folder on the server, absolute or from the user's own")
          .defaults_to("."),
      config::duration_ms("connect_timeout_ms", "For look-up, connection and log-in", 10'000)
          .between(1, 600'000),
      config::duration_ms("timeout_ms", "For the server to answer, or take or send any bytes",
                          30'000)
          .between(1, 3'600'000),
  };
}

config::Fields with(config::Fields more) {
  auto fields = server_fields();
  for (auto& field : more) fields.push_back(field);
  return fields;
}

}  // namespace

const config::Fields& source_fields() {
  static const config::Fields fields = with(folder::source_fields());
  return fields;
}

const config::Fields& sink_fields() {
  static const config::Fields fields = with(folder::sink_fields(false));
  return fields;
}

Result<ServerSettings> server_settings(const config::Parsed& parsed, const Secrets* secrets) {
  using Security = ServerSettings::Security;
  ServerSettings settings;
  settings.host = parsed.text("host");
  if (settings.host.empty() || settings.host.find_first_of("/@?#;[] \t\r\n") != std::string::npos)
    return Error{ErrorKind::Invalid, "host", "it is no name or address of a host"};
  const auto security = parsed.text("security");
  settings.security = security == "implicit" ? Security::Implicit
                      : security == "none"   ? Security::None
                                             : Security::Explicit;
  const bool from_the_start = settings.security == Security::Implicit;
  settings.port = static_cast<std::uint16_t>(parsed.given("port") ? parsed.integer("port")
                                             : from_the_start     ? 990
                                                                  : 21);
  settings.ca_file = parsed.text("ca_file");
  settings.user = parsed.text("user");
  settings.folder = parsed.text("folder");
  for (const auto* text : {&settings.user, &settings.folder})
    if (text->find_first_of("\r\n") != std::string::npos || text->find('\0') != std::string::npos)
      return Error{ErrorKind::Invalid, "folder", "a line's end can't be part of a command"};
  settings.connect_timeout = parsed.duration("connect_timeout_ms");
  settings.timeout = parsed.duration("timeout_ms");
  auto password = secret_value(parsed, "password", secrets);
  if (!password) return password.error();
  settings.password = std::move(*password);
  return settings;
}

}  // namespace causeway::connectors::ftp
