// The e-mail sink, with a real server.
#include <catch2/catch.hpp>
#include <fstream>

#include "connectors/support/exact_json.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/file_bench.h"
#include "tests/support/file_servers.h"
#include "tests/support/tcp_peer.h"
#include "tests/support/test_certificates.h"

namespace causeway::contract {
namespace {

using connectors::Json;
using testing::delivered;
using testing::eventually;
using testing::FaultProxy;
using testing::file_delivery;
using testing::read_file;

constexpr auto moment = std::chrono::milliseconds(150);

const testing::TestCertificates& certificates() {
  static const testing::TestCertificates all;
  return all;
}

/// A mail server of `security`, and what the engine gives.
struct Bench : testing::FileBench {
  explicit Bench(const std::string& its_security = "plain") : security(its_security) {
    environment.secrets = &secret;
    testing::give_to_server(folder.path());
    port = testing::unused_port();
    start();
  }
  void start() {
    std::vector<std::string> words{"/usr/bin/python3",
                                   "-B",
                                   std::filesystem::absolute("tests/support/mail_server.py"),
                                   std::to_string(port),
                                   folder.path().string(),
                                   security};
    if (security != "plain")
      words.insert(words.end(), {readable(certificates().server.certificate),
                                 readable(certificates().server.key), "lab", "open sesame"});
    server = std::make_unique<testing::ServerProcess>(words, port);
  }
  /// The server is another user.
  std::string readable(const std::string& file) {
    const auto copy = keys.path() / std::filesystem::path(file).filename();
    std::filesystem::permissions(keys.path(), std::filesystem::perms(0755));
    testing::write_file(copy, read_file(file));
    std::filesystem::permissions(copy, std::filesystem::perms(0644));
    return copy;
  }
  std::unique_ptr<Sink> mailer(const std::string& more = "", std::uint16_t through = 0) {
    std::string fields = R"({"host": "127.0.0.1", "from": "Lab <lab@hospital.example>",
        "recipients_allowed": ["@hospital.example"], "connect_timeout_ms": 20000, "port": )" +
                         std::to_string(through ? through : port);
    if (security == "plain")
      fields += R"(, "security": "none")";
    else
      fields += ", \"security\": \"" + security + "\", \"ca_file\": \"" + certificates().ca_file +
                R"(", "user": "lab", "password": "secret:mail")";
    auto made = sink("email", fields + more + "}");
    REQUIRE(made->start().ok());
    return made;
  }
  static StoredDelivery to(const std::string& local, int number = 1) {
    return file_delivery(number, "{\"to\": \"" + local +
                                     R"(@hospital.example", "subject": "Ergebnis für Anna €",
          "text": "Zeile 1\n.\nZeile 3", "html": "<p>ü",
          "attachments": [{"name": "Befund ü.pdf", "type": "application/pdf", "base64": "AAH/"}]})");
  }
  std::size_t mails() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      count += entry.path().extension() == ".json";
    return count;
  }
  Json mail(int number) const {
    auto json =
        connectors::parse_json(read_file(folder.path() / (std::to_string(number) + ".json")));
    REQUIRE(json.ok());
    return *json;
  }

  const std::string security;
  testing::FixedSecrets secret{"open sesame"};
  testing::TemporaryFolder folder, keys;
  std::uint16_t port = 0;
  std::unique_ptr<testing::ServerProcess> server;
};

std::string text_at(const Json& json, std::initializer_list<std::string_view> path) {
  const Json* at = &json;
  for (const auto name : path) {
    at = at->find(name);
    REQUIRE(at);
  }
  std::string out;
  connectors::append_json(out, *at);
  return out;
}

TEST_CASE("email: a mail arrives as it was meant, with and without TLS") {
  const std::string security = GENERATE("plain", "starttls", "tls");
  Bench bench(security);
  auto sink = bench.mailer();
  const auto probe = sink->probe();
  INFO(probe.text);
  CHECK(probe.good);
  for (int i = 0; i < 2; ++i) {  // the second on the same session
    const auto attempt = delivered(*sink, Bench::to("anna", i));
    INFO(attempt.reason.str());
    REQUIRE(attempt.outcome == Outcome::Delivered);
    CHECK_THAT(attempt.response, Catch::Contains("250 kept"));
  }
  REQUIRE(bench.mails() == 2);
  const auto mail = bench.mail(0);
  CHECK(text_at(mail, {"from"}) == "\"lab@hospital.example\"");
  CHECK(text_at(mail, {"to"}) == "[\"anna@hospital.example\"]");
  CHECK(text_at(mail, {"headers", "subject"}) == "\"Ergebnis für Anna €\"");
  CHECK(text_at(mail, {"headers", "from"}) == "\"Lab <lab@hospital.example>\"");
  CHECK(text_at(mail, {"defects"}) == "[]");
  CHECK(text_at(mail, {"secured"}) == (security == "plain" ? "false" : "true"));
  CHECK(text_at(mail, {"user"}) == (security == "plain" ? "null" : "\"lab\""));
  CHECK(text_at(mail, {"parts"}) ==
        R"([{"content":"Zeile 1\u000d\u000a.\u000d\u000aZeile 3","name":null,"type":"text/plain"},)"
        R"({"content":"<p>ü","name":null,"type":"text/html"},)"
        R"({"content":"0001ff","name":"Befund ü.pdf","type":"application/pdf"}])");
  CHECK_THAT(bench.log.text(), !Catch::Contains("anna"));
}

TEST_CASE("email: what the server says decides what becomes of a delivery") {
  Bench bench;
  auto sink = bench.mailer();
  struct Case {
    const char* local;
    Outcome outcome;
    bool down;
  };
  for (const auto& [local, outcome, down] :
       {Case{"busy", Outcome::Deferred, false}, Case{"unknown", Outcome::Rejected, false},
        Case{"going", Outcome::Deferred, true}, Case{"full", Outcome::Deferred, true},
        Case{"spam", Outcome::Rejected, false}, Case{"cut", Outcome::Ambiguous, true}}) {
    INFO(local);
    const auto attempt = delivered(*sink, Bench::to(local));
    CHECK(attempt.outcome == outcome);
    CHECK(attempt.destination_down == down);
    // It goes on with the next.
    CHECK(delivered(*sink, Bench::to("anna")).outcome == Outcome::Delivered);
  }
  CHECK(bench.mails() == 7);
  const auto spam = delivered(*sink, Bench::to("spam"));
  CHECK_THAT(spam.reason.str(), Catch::Contains("554 refused: spam"));
  // One recipient who is refused: nobody gets it.
  auto two = Bench::to("anna");
  two.body = Body(
      make_bytes(R"({"text": "x", "to": ["anna@hospital.example", "unknown@hospital.example"]})"));
  CHECK(delivered(*sink, two).outcome == Outcome::Rejected);
  CHECK(bench.mails() == 7);
  // Whom nobody has allowed.
  two.body = Body(make_bytes(R"({"text": "x", "to": "anna@elsewhere.example"})"));
  CHECK(delivered(*sink, two).outcome == Outcome::Rejected);
}

TEST_CASE("email: a server that is away, cut or silent") {
  Bench bench;
  FaultProxy proxy(bench.port);
  auto sink = bench.mailer(R"(, "timeout_ms": 1000)", proxy.port());
  CHECK(delivered(*sink, Bench::to("anna")).outcome == Outcome::Delivered);
  // A session that was kept is made anew without a word.
  proxy.cut_all();
  CHECK(delivered(*sink, Bench::to("anna")).outcome == Outcome::Delivered);
  proxy.cut_after(FaultProxy::Way::ToServer, 40);  // before the text
  CHECK(delivered(*sink, Bench::to("anna")).outcome == Outcome::Deferred);
  proxy.cut_after(FaultProxy::Way::ToServer, SIZE_MAX);
  CHECK(delivered(*sink, Bench::to("silent")).outcome == Outcome::Ambiguous);
  bench.server.reset();
  const auto away = delivered(*sink, Bench::to("anna"));
  CHECK(away.outcome == Outcome::Deferred);
  CHECK(away.destination_down);
  CHECK_FALSE(sink->probe().good);
  bench.start();
  CHECK(delivered(*sink, Bench::to("anna")).outcome == Outcome::Delivered);
  std::promise<Attempt> promise;
  sink->deliver(Bench::to("silent"), [&](Attempt attempt) { promise.set_value(attempt); });
  std::this_thread::sleep_for(moment);
  sink->stop(Milliseconds(50));
  const auto stopped = promise.get_future().get();
  CHECK(stopped.outcome == Outcome::Ambiguous);
}

TEST_CASE("email: log-in and certificates are checked, in words") {
  Bench bench("starttls");
  auto sink = bench.mailer();
  bench.secret.text = "wrong";
  auto wrong = bench.mailer();
  auto attempt = delivered(*wrong, Bench::to("anna"));
  CHECK(attempt.outcome == Outcome::Deferred);
  CHECK(attempt.destination_down);
  CHECK(attempt.reason.kind == ErrorKind::NotPermitted);
  CHECK_FALSE(wrong->probe().good);
  bench.secret.text = "open sesame";
  const std::string fields = R"({"host": "127.0.0.1", "from": "a@b.example", "to": ["c@d.example"],
      "port": )" + std::to_string(bench.port);
  auto stranger = bench.sink("email", fields + "}");  // signed by nobody whom the system knows
  CHECK_FALSE(stranger->probe().good);
  CHECK_THAT(stranger->probe().text, Catch::Contains("certificate"));
  Bench plain;
  auto no_tls = bench.sink("email", R"({"host": "127.0.0.1", "from": "a@b.example",
      "to": ["c@d.example"], "port": )" +
                                        std::to_string(plain.port) + "}");
  CHECK_THAT(no_tls->probe().text, Catch::Contains("STARTTLS"));
  const auto refused = [&](const char* more) {
    CHECK_THROWS(bench.sink("email", fields + more + "}"));
  };
  refused(R"(, "security": "none", "user": "lab", "password": "secret:x")");
  refused(R"(, "user": "lab")");
  CHECK_THROWS(bench.sink("email", R"({"host": "h", "from": "a@b.example"})"));
  CHECK_THROWS(bench.sink("email", R"({"host": "h", "from": "x", "to": ["c@d.example"]})"));
}

}  // namespace
}  // namespace causeway::contract
