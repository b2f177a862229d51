// FTP through the contract of folders, with ProFTPD, with and without TLS; and what is FTP's own.
#include <catch2/catch.hpp>

#include "connectors/ftp/ftp_folder.h"
#include "tests/contract/folder_contract.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/file_servers.h"
#include "tests/support/tcp_peer.h"
#include "tests/support/test_certificates.h"

namespace causeway::contract {
namespace {

using connectors::ftp::ServerSettings;
using testing::delivered;
using testing::eventually;
using testing::FaultProxy;
using testing::file_delivery;
using testing::files_in;
using testing::FtpServer;
using Security = FtpServer::Security;

const testing::TestCertificates& certificates() {
  static const testing::TestCertificates all;
  return all;
}

class FtpHarness final : public FolderHarness {
 public:
  FtpHarness(FtpServer& server, Security security)
      : FtpHarness(server.port(), server.folder(), security) {}
  /// `folder`: how the server calls it, if it isn't as this machine does.
  FtpHarness(std::uint16_t port, std::filesystem::path path, Security security,
             std::string folder = {})
      : port_(port), path_(std::move(path)), security_(security), folder_(std::move(folder)) {
    if (folder_.empty()) folder_ = path_.string();
  }
  const char* kind() const override { return "ftp"; }
  std::string fields(std::uint16_t port, int timeout_ms) override {
    const auto names = std::to_array({"none", "explicit", "implicit"});
    return R"("host": "127.0.0.1", "user": "lab", "password": "secret:ftp", "folder": ")" +
           folder_ + R"(", "security": ")" + names[static_cast<std::size_t>(security_)] +
           R"(", "ca_file": ")" + certificates().ca_file + R"(", "port": )" +
           std::to_string(port ? port : port_) + R"(, "timeout_ms": )" +
           std::to_string(timeout_ms) + R"(, "connect_timeout_ms": )" + std::to_string(timeout_ms);
  }
  std::unique_ptr<connectors::folder::Opener> opener(connectors::EventLoop&) override {
    return std::make_unique<connectors::ftp::FtpOpener>(settings());
  }
  ServerSettings settings() const {
    ServerSettings one;
    one.host = "127.0.0.1";
    one.port = port_;
    one.user = "lab";
    one.password = "open sesame";
    one.security = security_ == Security::None       ? ServerSettings::Security::None
                   : security_ == Security::Explicit ? ServerSettings::Security::Explicit
                                                     : ServerSettings::Security::Implicit;
    one.ca_file = certificates().ca_file;
    one.folder = folder_;
    one.connect_timeout = one.timeout = Milliseconds(20'000);
    return one;
  }
  std::filesystem::path path() const override { return path_; }
  bool appends() const override { return false; }
  bool shows_links() const override { return false; }
  std::uint16_t port() const override { return port_; }

 private:
  const std::uint16_t port_;
  const std::filesystem::path path_;
  const Security security_;
  std::string folder_;
};

FtpServer& server_of(Security security) {
  const auto& own = certificates().server;
  static FtpServer plain, with_tls(Security::Explicit, own.certificate, own.key),
      all_tls(Security::Implicit, own.certificate, own.key);
  return security == Security::None ? plain : security == Security::Explicit ? with_tls : all_tls;
}

TEST_CASE("ftp: the folder") {
  FtpHarness harness(server_of(Security::None), Security::None);
  check_folder(harness);
}

TEST_CASE("ftp: the folder, with TLS") {
  FtpHarness harness(server_of(Security::Explicit), Security::Explicit);
  check_folder(harness);
}

TEST_CASE("ftp: the folder, with TLS from the start") {
  FtpHarness harness(server_of(Security::Implicit), Security::Implicit);
  check_folder(harness);
}

TEST_CASE("ftp: the folder of a server that knows no facts") {
  static testing::PlainFtpServer old;
  FtpHarness harness(old.port(), old.folder(), Security::None, "/");
  check_folder(harness);
}

TEST_CASE("ftp: source and sink") {
  const auto security = GENERATE(Security::None, Security::Explicit);
  FtpHarness harness(server_of(security), security);
  check_folder_ends(harness);
}

TEST_CASE("ftp: faults") {
  FtpServer& server = server_of(Security::None);
  FtpHarness harness(server, Security::None);
  testing::FileBench bench;
  testing::FixedSecrets secret{"open sesame"};
  bench.environment.secrets = &secret;
  for (const auto& entry : std::filesystem::directory_iterator(harness.path()))
    std::filesystem::remove_all(entry.path());
  FaultProxy proxy(server.port());
  const auto writer = [&](int timeout_ms) {
    auto made = bench.sink(
        "ftp", "{" + harness.fields(proxy.port(), timeout_ms) + R"(, "name": "{message_id}"})");
    REQUIRE(made->start().ok());
    return made;
  };
  SECTION("cut before each command in turn: deferred, and then delivered once") {
    auto sink = writer(20'000);
    for (std::size_t bytes = 5; bytes < 400; bytes += 31) {
      const auto delivery = file_delivery(static_cast<int>(bytes), "content");
      proxy.cut_after(FaultProxy::Way::ToServer, bytes);
      (void)delivered(*sink, delivery);
      proxy.cut_after(FaultProxy::Way::ToServer, SIZE_MAX);
      CHECK(eventually([&] { return delivered(*sink, delivery).outcome == Outcome::Delivered; }));
    }
    // A server may carry out half a command, and so make a file of half a name.
    const auto files = files_in(harness.path());
    CHECK(std::count_if(files.begin(), files.end(),
                        [](const std::string& name) { return name.size() == 13; }) == 13);
  }
  SECTION("a server that says nothing any more: deferred after the time-out") {
    auto sink = writer(1500);
    CHECK(delivered(*sink, file_delivery(1, "one")).outcome == Outcome::Delivered);
    proxy.hold_back(FaultProxy::Way::ToClient, true);
    const auto attempt = delivered(*sink, file_delivery(2, "two"));
    CHECK(attempt.outcome == Outcome::Deferred);
    CHECK(attempt.destination_down);
    proxy.hold_back(FaultProxy::Way::ToClient, false);
    CHECK(eventually(
        [&] { return delivered(*sink, file_delivery(2, "two")).outcome == Outcome::Delivered; }));
  }
  SECTION("a stop doesn't wait for a server that says nothing") {
    proxy.hold_back(FaultProxy::Way::ToClient, true);
    auto sink = writer(600'000);
    testing::OriginIntake intake;
    auto source = bench.source("ftp", "{" + harness.fields(proxy.port(), 600'000) + "}");
    REQUIRE(source->start(intake).ok());
    std::promise<Attempt> promise;
    sink->deliver(file_delivery(1, "x"), [&](Attempt attempt) { promise.set_value(attempt); });
    std::this_thread::sleep_for(Milliseconds(200));
    sink->stop(Milliseconds(10));
    source->stop(Milliseconds(10));
    CHECK(promise.get_future().get().outcome == Outcome::Deferred);
  }
  SECTION("a server that goes away and comes back is read on") {
    testing::OriginIntake intake;
    auto source = bench.source(
        "ftp", "{" + harness.fields(0, 20'000) + R"(, "poll_interval_ms": 100, "stable_ms": 0})");
    REQUIRE(source->start(intake).ok());
    testing::write_file(harness.path() / "a", "one");
    std::filesystem::permissions(harness.path() / "a", std::filesystem::perms(0666));
    REQUIRE(intake.wait_for(1));
    server.stop();
    CHECK_FALSE(source->probe().good);
    server.start();
    testing::write_file(harness.path() / "b", "two");
    std::filesystem::permissions(harness.path() / "b", std::filesystem::perms(0666));
    REQUIRE(intake.wait_for(2));
    CHECK(eventually([&] {
      return files_in(harness.path()) == std::vector<std::string>{"done/a", "done/b"};
    }));
    source->stop(Milliseconds(0));
    CHECK_THAT(bench.log.text(), !Catch::Contains("open sesame"));
  }
}

TEST_CASE("ftp: what keeps a session from being, in words") {
  const auto error = [](const std::function<void(ServerSettings&)>& change,
                        Security security = Security::None) {
    FtpHarness harness(server_of(security), security);
    auto settings = harness.settings();
    change(settings);
    const std::atomic<bool> stop{false};
    auto opened = connectors::ftp::FtpOpener(settings).open(stop);
    REQUIRE_FALSE(opened.ok());
    return opened.error();
  };
  CHECK(error([](auto& one) { one.password = "wrong"; }).kind == ErrorKind::NotPermitted);
  CHECK(error([](auto& one) { one.folder = "/nowhere/at/all"; }).kind == ErrorKind::NotFound);
  CHECK(error([](auto& one) { one.port = testing::unused_port(); }).kind == ErrorKind::Unavailable);
  const auto no_tls = error([](auto& one) { one.security = ServerSettings::Security::Explicit; });
  CHECK(no_tls.kind == ErrorKind::Refused);
  CHECK_THAT(no_tls.text, Catch::Contains("TLS"));
  const auto stranger = error([](auto& one) { one.ca_file.clear(); }, Security::Explicit);
  CHECK(stranger.kind == ErrorKind::Refused);
  CHECK_THAT(stranger.text, Catch::Contains("certificate"));
}

}  // namespace
}  // namespace causeway::contract
