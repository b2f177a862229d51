#include "tests/support/database_servers.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "tests/support/tcp_peer.h"

namespace causeway::testing {
namespace {

std::string postgres(std::string_view program_and_words) {
  std::string path = "/usr/lib/postgresql/15/bin/";
  path += program_and_words;
  return path;
}

void run(const std::string& command) {
  std::string whole;
  if (::geteuid() == 0) whole += "setpriv --reuid=65534 --regid=65534 --clear-groups ";
  whole += command;
  whole += " >/dev/null 2>&1";
  if (std::system(whole.c_str()) != 0) throw std::runtime_error(command);
}

/// What a program of its own makes of a client's words: no client library is under test here.
void feed(const std::string& program, const std::filesystem::path& folder,
          std::string_view statements) {
  const auto file = folder / "statements.sql";
  std::ofstream(file) << statements;
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  run("sh -c '" + program + " <" + file.string() + "'");
}

void take_certificate(const CertificateFiles* certificate, const std::filesystem::path& folder) {
  if (!certificate) return;
  const auto take = [&](const std::string& from, const char* name) {
    const auto to = folder / name;
    std::filesystem::copy_file(from, to);
    give_to_server(to);
    std::filesystem::permissions(to, std::filesystem::perms(0600));
  };
  take(certificate->certificate, "certificate.pem");
  take(certificate->key, "key.pem");
}

}  // namespace

PostgresServer::PostgresServer(const CertificateFiles* certificate)
    : has_tls_(certificate != nullptr), port_(unused_port()) {
  give_to_server(folder_.path());
  take_certificate(certificate, folder_.path());
  const auto data = (folder_.path() / "data").string();
  run(postgres("initdb -D ") + data +
      " -U causeway --auth=trust --encoding=UTF8 --locale=C --no-sync");
  start();
  feed(postgres("psql -v ON_ERROR_STOP=1 -h 127.0.0.1 -U causeway -p ") + std::to_string(port_) +
           " postgres",
       folder_.path(), "CREATE DATABASE lab; CREATE ROLE reader LOGIN PASSWORD 'open {sesame}';");
}

void PostgresServer::stop() {
  if (!process_) return;
  run(postgres("pg_ctl stop -m immediate -D ") + folder_.path().string() + "/data");
  process_.reset();
}

void PostgresServer::start() {
  const auto folder = folder_.path().string();
  std::vector<std::string> words = {postgres("postgres"), "-D", folder + "/data", "-p",
                                    std::to_string(port_)};
  for (const std::string setting :
       {"listen_addresses=127.0.0.1", "fsync=off", "shared_buffers=32MB", "max_connections=60",
        "wal_level=logical", "max_wal_senders=8", "max_replication_slots=8",
        "log_min_messages=panic"})
    words.insert(words.end(), {"-c", setting});
  words.insert(words.end(), {"-c", "unix_socket_directories=" + folder});
  if (has_tls_)
    words.insert(words.end(), {"-c", "ssl=on", "-c", "ssl_cert_file=" + folder + "/certificate.pem",
                               "-c", "ssl_key_file=" + folder + "/key.pem"});
  process_ = std::make_unique<ServerProcess>(words, port_);
  for (int i = 0;; ++i) try {  // it listens before it answers
      run(postgres("pg_isready -h 127.0.0.1 -p ") + std::to_string(port_));
      return;
    } catch (const std::runtime_error&) {
      if (i > 300) throw;
      ::usleep(50'000);
    }
}

MariaDbServer::MariaDbServer(const CertificateFiles* certificate)
    : has_tls_(certificate != nullptr), port_(unused_port()) {
  give_to_server(folder_.path());
  take_certificate(certificate, folder_.path());
  std::string install =
      "mariadb-install-db --no-defaults --auth-root-authentication-method=normal --skip-test-db "
      "--skip-name-resolve --datadir=";
  install += folder_.path().string() + "/data";
  run(install);
  start();
  feed("mariadb --no-defaults -u root -h 127.0.0.1 -P " + std::to_string(port_), folder_.path(),
       "CREATE DATABASE test CHARACTER SET utf8mb4; CREATE USER reader IDENTIFIED BY \"open "
       "{sesame}\";"
       "GRANT ALL ON test.* TO reader;");
}

void MariaDbServer::start() {
  const auto folder = folder_.path().string();
  std::vector<std::string> words = {"/usr/sbin/mariadbd",
                                    "--no-defaults",
                                    "--datadir=" + folder + "/data",
                                    "--socket=" + folder + "/socket",
                                    "--pid-file=" + folder + "/pid",
                                    "--port=" + std::to_string(port_),
                                    "--bind-address=127.0.0.1",
                                    "--skip-name-resolve",
                                    "--innodb-flush-log-at-trx-commit=0",
                                    "--innodb-buffer-pool-size=16M",
                                    "--innodb-lock-wait-timeout=1"};
  if (has_tls_)
    words.insert(words.end(),
                 {"--ssl-cert=" + folder + "/certificate.pem", "--ssl-key=" + folder + "/key.pem"});
  process_ = std::make_unique<ServerProcess>(words, port_);
}

}  // namespace causeway::testing
