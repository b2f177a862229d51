// Real servers of files for tests, each on a free port of loopback, as an unprivileged user (as
// root they become `nobody`), with a temporary folder of their own.
#pragma once

#include <memory>

#include "tests/support/temporary_folder.h"

namespace causeway::testing {

/// A program started by a test, ended with it.
class ServerProcess {
 public:
  /// Throws if nothing listens on `port` in time.
  ServerProcess(const std::vector<std::string>& command, std::uint16_t port);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;

 private:
  int pid_ = 0;
};

/// OpenSSH's sshd with SFTP alone. Log in as `user()` with the key in `key_file()`.
class SshServer {
 public:
  SshServer();

  std::uint16_t port() const { return port_; }
  const std::string& user() const { return user_; }
  std::string key_file() const { return (keys_.path() / "client").string(); }
  /// Encrypted with the passphrase "open sesame".
  std::string locked_key_file() const { return (keys_.path() / "locked").string(); }
  /// A key that the server doesn't know.
  std::string other_key_file() const { return (keys_.path() / "other").string(); }
  std::string known_hosts_file() const { return (keys_.path() / "known_hosts").string(); }
  const std::string& fingerprint() const { return fingerprint_; }
  /// The folder that is served.
  const std::filesystem::path& folder() const { return folder_.path(); }
  void stop() { process_.reset(); }
  void start();

 private:
  void make_keys();

  TemporaryFolder keys_;
  TemporaryFolder folder_;
  std::string user_;
  std::uint16_t port_ = 0;
  std::string fingerprint_;
  std::unique_ptr<ServerProcess> process_;
};

/// ProFTPD. Log in as "lab" with the password "open sesame".
class FtpServer {
 public:
  enum class Security : std::uint8_t { None, Explicit, Implicit };
  explicit FtpServer(Security security = Security::None, const std::string& certificate = "",
                     const std::string& key = "");
  std::uint16_t port() const { return port_; }
  const std::filesystem::path& folder() const { return folder_.path(); }
  void stop() { process_.reset(); }
  void start();

 private:
  std::string tls_words(Security security, const std::string& certificate, const std::string& key);

  TemporaryFolder own_, folder_;
  std::uint16_t port_ = 0;
  std::unique_ptr<ServerProcess> process_;
};

/// One that knows neither MLSD and MLST nor TLS; likewise.
class PlainFtpServer {
 public:
  PlainFtpServer();
  std::uint16_t port() const { return port_; }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  std::uint16_t port_ = 0;
  std::unique_ptr<ServerProcess> process_;
};

/// The user that servers run as, and a folder that it may write.
std::string server_user();
std::string server_group();
void give_to_server(const std::filesystem::path& path);

}  // namespace causeway::testing
