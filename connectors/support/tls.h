// TLS for connections: what is configured, and the context made of it (OpenSSL, hidden).
//
// Security posture: TLS 1.2 at least, AEAD suites with forward secrecy, no renegotiation, no
// compression; the key file must not be readable by everybody. A TlsContext is immutable and
// thread-safe.
// Standard: RFC 5246, RFC 8446; names by RFC 6125; IHE ATNA's BCP 195 profile fits in it.
#pragma once

#include <memory>
#include <string>

#include "engine/config/fields.h"
#include "engine/core/result.h"
#include "engine/core/secrets.h"

namespace causeway::connectors {

struct TlsSettings {
  enum class Version : std::uint8_t { Tls12, Tls13 };

  std::string certificate_file;  ///< PEM: ours first, then the chain.
  std::string key_file;          ///< PEM.
  std::string key_passphrase;    ///< Of an encrypted key.
  std::string ca_file;           ///< PEM: who signs peers' certificates.
  bool verify_peer = true;       ///< As a server: a client certificate is demanded.
  Version version_min = Version::Tls12;
  std::string server_name;  ///< As a client: the name or IP address the certificate must have.
};

/// The declarations of "tls", for a source and for a sink, and what was read by them. Not given: no
/// TLS.
config::Field tls_server_field();
config::Field tls_client_field();
/// Errors: a secret that isn't there.
Result<TlsSettings> tls_server_settings(const config::Parsed& tls, const Secrets* secrets);
/// `host` is the name to check where no `server_name` is given.
Result<TlsSettings> tls_client_settings(const config::Parsed& tls, const std::string& host,
                                        const Secrets* secrets);

class TlsContext {
 public:
  /// Reads the files. Errors: Invalid (with the file as place).
  static Result<std::shared_ptr<const TlsContext>> server(const TlsSettings& settings);
  /// Without `ca_file`: the system's authorities.
  static Result<std::shared_ptr<const TlsContext>> client(const TlsSettings& settings);

  struct State;
  explicit TlsContext(std::unique_ptr<State> state);
  ~TlsContext();
  const State& state() const { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// One connection's TLS over a non-blocking socket that outlives it. Used by one thread.
class TlsSession {
 public:
  enum class Want : std::uint8_t { Nothing, Read, Write };
  /// How a step ended: `bytes` moved (0 with Want: it waits for the socket), or it is over.
  struct Step {
    std::size_t bytes = 0;
    Want want = Want::Nothing;
    bool ended = false;  ///< The peer sends no more.
    std::string failure;
    /// The peer's alert was about the handshake (it didn't like our certificate, say). In TLS 1.3
    /// it comes when our side has long begun to send; nothing sent has been read by the peer.
    bool handshake_refused = false;
  };

  TlsSession(std::shared_ptr<const TlsContext> context, int fd);
  ~TlsSession();

  Step handshake();  ///< Over when neither `want` nor `failure` is set.
  Step read(char* to, std::size_t room);
  /// Counts bytes whose whole record the kernel has taken. Repeated after a Want with at least the
  /// same bytes.
  Step write(const char* from, std::size_t size);
  void close_notify();
  std::string peer_name() const;  ///< Of a verified certificate: first DNS name, or the CN.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace causeway::connectors
