// What an SFTP source and sink can be told about the server, and what was read of it; the rest is
// in connectors/support/folder/settings.h. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/support/folder/settings.h"
#include "engine/core/secrets.h"

namespace causeway::connectors::sftp {

const config::Fields& source_fields();
const config::Fields& sink_fields();

struct ServerSettings {
  std::string host;
  std::uint16_t port = 22;
  std::string user;
  std::string password;        ///< Empty: none.
  std::string key_file;        ///< Empty: none.
  std::string key_passphrase;  ///< Of an encrypted key.
  bool agent = false;
  std::vector<std::string> fingerprints;  ///< "SHA256:…" of host keys; any of them.
  std::string known_hosts_file;           ///< Used where there are no fingerprints.
  std::string folder;                     ///< On the server; relative to the user's own.
  Milliseconds connect_timeout{0};
  Milliseconds timeout{0};  ///< Without progress.
};

/// Errors: Invalid (no host key is named, no way to log in), a secret that isn't there.
Result<ServerSettings> server_settings(const config::Parsed& parsed, const Secrets* secrets);

}  // namespace causeway::connectors::sftp
