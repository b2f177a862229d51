// SFTP through the contract of folders, with OpenSSH's server; and what is SFTP's own.
#include <catch2/catch.hpp>

#include "connectors/sftp/sftp_folder.h"
#include "tests/contract/folder_contract.h"
#include "tests/support/file_servers.h"

namespace causeway::contract {
namespace {

using connectors::sftp::ServerSettings;

testing::SshServer& server() {
  static testing::SshServer one;
  return one;
}

ServerSettings settings() {
  ServerSettings one;
  one.host = "127.0.0.1";
  one.port = server().port();
  one.user = server().user();
  one.key_file = server().key_file();
  one.fingerprints = {server().fingerprint()};
  one.folder = server().folder().string();
  one.connect_timeout = Milliseconds(20'000);
  one.timeout = Milliseconds(20'000);
  return one;
}

class SftpHarness final : public FolderHarness {
 public:
  const char* kind() const override { return "sftp"; }
  std::string fields(std::uint16_t port, int timeout_ms) override {
    const auto is = settings();
    return R"("host": "127.0.0.1", "port": )" + std::to_string(port ? port : is.port) +
           R"(, "user": ")" + is.user + R"(", "key_file": ")" + is.key_file +
           R"(", "host_key": [")" + is.fingerprints[0] + R"("], "folder": ")" + is.folder +
           R"(", "timeout_ms": )" + std::to_string(timeout_ms) + R"(, "connect_timeout_ms": )" +
           std::to_string(timeout_ms);
  }
  std::unique_ptr<connectors::folder::Opener> opener(connectors::EventLoop& loop) override {
    return std::make_unique<connectors::sftp::SftpOpener>(loop, settings());
  }
  std::filesystem::path path() const override { return server().folder(); }
  std::uint16_t port() const override { return server().port(); }
};

TEST_CASE("sftp: the folder") {
  SftpHarness harness;
  check_folder(harness);
}

TEST_CASE("sftp: source and sink") {
  SftpHarness harness;
  check_folder_ends(harness);
}

TEST_CASE("sftp: faults") {
  SftpHarness harness;
  check_folder_faults(harness);
}

Error refused(const ServerSettings& with) {
  testing::FileBench bench;
  std::atomic<bool> stop{false};
  connectors::sftp::SftpOpener opener(bench.loop, with);
  auto opened = opener.open(stop);
  REQUIRE_FALSE(opened.ok());
  return opened.error();
}

void accepted(const ServerSettings& with) {
  testing::FileBench bench;
  std::atomic<bool> stop{false};
  connectors::sftp::SftpOpener opener(bench.loop, with);
  auto opened = opener.open(stop);
  INFO((opened ? "" : opened.error().str()));
  CHECK(opened.ok());
}

TEST_CASE("sftp: a host key that isn't the named one is refused, and told") {
  auto with = settings();
  SECTION("by fingerprint") {
    with.fingerprints = {"SHA256:" + std::string(43, 'A')};
    const auto error = refused(with);
    CHECK(error.kind == ErrorKind::Refused);
    CHECK_THAT(error.text, Catch::Contains(server().fingerprint()));
  }
  SECTION("one of several") {
    with.fingerprints.insert(with.fingerprints.begin(), "SHA256:" + std::string(43, 'A'));
    accepted(with);
  }
  SECTION("by known_hosts") {
    with.fingerprints.clear();
    with.known_hosts_file = server().known_hosts_file();
    accepted(with);
    with.host = "localhost";
    const auto error = refused(with);
    CHECK(error.kind == ErrorKind::Refused);
    CHECK_THAT(error.text, Catch::Contains("not in known_hosts_file") &&
                               Catch::Contains(server().fingerprint()));
    with.known_hosts_file = "/etc/none/known_hosts";
    CHECK(refused(with).kind == ErrorKind::Invalid);
  }
}

TEST_CASE("sftp: who is let in") {
  auto with = settings();
  SECTION("with a locked key") {
    with.key_file = server().locked_key_file();
    with.key_passphrase = "open sesame";
    accepted(with);
    with.key_passphrase = "wrong";
    CHECK(refused(with).kind == ErrorKind::NotPermitted);
  }
  SECTION("with a key that the server doesn't know") {
    with.key_file = server().other_key_file();
    const auto error = refused(with);
    CHECK(error.kind == ErrorKind::NotPermitted);
    CHECK_THAT(error.text, Catch::Contains("publickey"));
  }
  SECTION("into a folder that isn't there") {
    with.folder += "/none";
    CHECK(refused(with).kind == ErrorKind::NotFound);
  }
}

TEST_CASE("sftp: what it refuses to be told") {
  testing::FileBench bench;
  const auto refused_to = [&](const std::string& json) {
    CHECK_THROWS(bench.source("sftp", R"({"host": "h", "user": "u", )" + json + "}"));
  };
  refused_to(R"("agent": true)");
  refused_to(R"("host_key": ["MD5:00"], "agent": true)");
  refused_to(R"("host_key": ["SHA256:x"])");
  refused_to(R"("host_key": ["SHA256:x"], "key_file": "/etc/none/known_hosts")");
  const testing::TemporaryFolder folder;
  testing::write_file(folder.path() / "key", "x");
  std::filesystem::permissions(folder.path() / "key", std::filesystem::perms(0644));
  refused_to(R"("host_key": ["SHA256:x"], "key_file": ")" + (folder.path() / "key").string() +
             "\"");
}

}  // namespace
}  // namespace causeway::contract
