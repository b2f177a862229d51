// What an FTP source and sink can be told about the server, and what was read of it; the rest is
// in connectors/support/folder/settings.h. Plain values.
#pragma once

#include "connectors/support/folder/settings.h"
#include "engine/core/secrets.h"

namespace causeway::connectors::ftp {

const config::Fields& source_fields();
const config::Fields& sink_fields();

struct ServerSettings {
  enum class Security : std::uint8_t { Explicit, Implicit, None };
  std::string host;
  std::uint16_t port = 21;
  Security security = Security::Explicit;
  std::string ca_file;  ///< Empty: the system's authorities.
  std::string user, password;
  std::string folder;  ///< On the server; relative to the user's own.
  Milliseconds connect_timeout{0};
  Milliseconds timeout{0};  ///< Without progress.
};

/// Errors: Invalid (a host or a folder that can't be), a secret that isn't there.
Result<ServerSettings> server_settings(const config::Parsed& parsed, const Secrets* secrets);

}  // namespace causeway::connectors::ftp
