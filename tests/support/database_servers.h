// Real database servers for tests of the database connector, each on a free port of loopback, as an
// unprivileged user, with a temporary folder of their own. They don't wait for the disk.
#pragma once

#include "tests/support/file_servers.h"
#include "tests/support/test_certificates.h"

namespace causeway::testing {

/// PostgreSQL, ready for logical replication. User `causeway`, a superuser, without a password;
/// user `reader` with the password "open {sesame}". Database `lab`.
class PostgresServer {
 public:
  /// `certificate`: TLS with it.
  explicit PostgresServer(const CertificateFiles* certificate = nullptr);
  ~PostgresServer() { stop(); }
  std::uint16_t port() const { return port_; }
  void stop();  ///< With all of its sessions.
  void start();

 private:
  TemporaryFolder folder_;
  bool has_tls_ = false;
  std::uint16_t port_ = 0;
  std::unique_ptr<ServerProcess> process_;
};

/// MariaDB. User `root` without a password, user `reader` with the password "open {sesame}".
/// Database `test`.
class MariaDbServer {
 public:
  explicit MariaDbServer(const CertificateFiles* certificate = nullptr);
  std::uint16_t port() const { return port_; }
  void stop() { process_.reset(); }
  void start();

 private:
  TemporaryFolder folder_;
  bool has_tls_ = false;
  std::uint16_t port_ = 0;
  std::unique_ptr<ServerProcess> process_;
};

}  // namespace causeway::testing
