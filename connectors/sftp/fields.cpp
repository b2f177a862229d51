#include "connectors/sftp/fields.h"

#include <sys/stat.h>

#include "connectors/support/secret_field.h"

namespace causeway::connectors::sftp {
namespace {

config::Fields server_fields() {
  return {
      config::text("host", "Name or address of the server").required(),
      config::integer("port", "Its TCP port").between(1, 65535).defaults_to(22),
      config::text("user", "The user to log in as").required(),
      config::text("password", "Its password, also where the server asks for it as a question")
          .secret(),
      config::text("key_file",
                   "File of a private key to log in with (OpenSSH or PEM; Ed25519 or ECDSA)"),
      config::text("key_passphrase", "Passphrase of an encrypted private key").secret(),
      config::boolean("agent", "Log in with a key of the SSH agent (SSH_AUTH_SOCK)", false),
      config::text_list("host_key",
                        "Fingerprints (SHA256:…, as ssh-keygen -l prints them) of the server's "
                        "host keys; a server with another is refused"),
      config::text("known_hosts_file",
                   "Instead of host_key: a file of host keys as OpenSSH has it (known_hosts)"),
      config::text("folder", "The folder on the server, absolute or from the user's own")
          .defaults_to("."),
      config::duration_ms("connect_timeout_ms", "For look-up, connection and log-in, each", 10'000)
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

Status check_key_file(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0)
    return Error{ErrorKind::Invalid, path, "can't read the private key"};
  if ((info.st_mode & S_IROTH) != 0)
    return Error{ErrorKind::Invalid, path, "the private key is readable by everybody"};
  return Done{};
}

Status check(const ServerSettings& settings) {
  if (settings.fingerprints.empty() && settings.known_hosts_file.empty())
    return Error{ErrorKind::Invalid, "host_key",
                 "the server's host key has to be named: host_key or known_hosts_file"};
  for (const auto& fingerprint : settings.fingerprints)
    if (!fingerprint.starts_with("SHA256:"))
      return Error{ErrorKind::Invalid, "host_key", "a fingerprint begins with SHA256:"};
  if (settings.password.empty() && settings.key_file.empty() && !settings.agent)
    return Error{ErrorKind::Invalid, "user", "no way to log in: password, key_file or agent"};
  return settings.key_file.empty() ? Status(Done{}) : check_key_file(settings.key_file);
}

}  // namespace

const config::Fields& source_fields() {
  static const config::Fields fields = with(folder::source_fields());
  return fields;
}

const config::Fields& sink_fields() {
  static const config::Fields fields = with(folder::sink_fields(true));
  return fields;
}

Result<ServerSettings> server_settings(const config::Parsed& parsed, const Secrets* secrets) {
  ServerSettings settings;
  settings.host = parsed.text("host");
  settings.port = static_cast<std::uint16_t>(parsed.integer("port"));
  settings.user = parsed.text("user");
  auto password = secret_value(parsed, "password", secrets);
  if (!password) return password.error();
  settings.password = std::move(*password);
  auto passphrase = secret_value(parsed, "key_passphrase", secrets);
  if (!passphrase) return passphrase.error();
  settings.key_passphrase = std::move(*passphrase);
  settings.key_file = parsed.text("key_file");
  settings.agent = parsed.boolean("agent");
  settings.fingerprints = parsed.text_list("host_key");
  settings.known_hosts_file = parsed.text("known_hosts_file");
  settings.folder = parsed.text("folder");
  settings.connect_timeout = parsed.duration("connect_timeout_ms");
  settings.timeout = parsed.duration("timeout_ms");
  if (auto good = check(settings); !good) return good.error();
  return settings;
}

}  // namespace causeway::connectors::sftp
