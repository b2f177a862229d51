#include "connectors/support/endpoint.h"

#include "connectors/support/socket.h"

namespace causeway::connectors {
namespace {

void read_host_and_port(const config::Parsed& parsed, Endpoint& endpoint) {
  endpoint.host = parsed.text("host");
  endpoint.port = static_cast<std::uint16_t>(parsed.integer("port"));
}

}  // namespace

Status read_listening_endpoint(const config::Parsed& parsed, const Secrets* secrets,
                               Endpoint& endpoint) {
  read_host_and_port(parsed, endpoint);
  if (auto address = SocketAddress::numeric(endpoint.host, endpoint.port); !address)
    return address.error();
  if (!parsed.given("tls")) return Done{};
  auto configured = tls_server_settings(parsed.object("tls"), secrets);
  if (!configured) return configured.error();
  auto tls = TlsContext::server(*configured);
  if (!tls) return tls.error();
  endpoint.tls = std::move(*tls);
  return Done{};
}

Status read_peer_endpoint(const config::Parsed& parsed, const Secrets* secrets,
                          Endpoint& endpoint) {
  read_host_and_port(parsed, endpoint);
  if (!parsed.given("tls")) return Done{};
  auto configured = tls_client_settings(parsed.object("tls"), endpoint.host, secrets);
  if (!configured) return configured.error();
  auto tls = TlsContext::client(*configured);
  if (!tls) return tls.error();
  endpoint.tls = std::move(*tls);
  return Done{};
}

}  // namespace causeway::connectors
