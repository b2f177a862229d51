// Where a connector listens or connects to, and whether with TLS: read from the fields "host",
// "port" and "tls", which the connector declares. Plain values.
#pragma once

#include "connectors/support/tls.h"

namespace causeway::connectors {

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  std::shared_ptr<const TlsContext> tls;  ///< nullptr: plain.
};

/// Errors: Invalid, where the host is no address, or a certificate can't be used; those of Secrets.
Status read_listening_endpoint(const config::Parsed& parsed, const Secrets* secrets,
                               Endpoint& endpoint);
/// Errors: the same, but for the host.
Status read_peer_endpoint(const config::Parsed& parsed, const Secrets* secrets, Endpoint& endpoint);

}  // namespace causeway::connectors
