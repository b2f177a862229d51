// A server asked over HTTP: what is an answer, what is a failure, and whom it believes.
#include "tests/support/test_certificates.h"
#include "tests/unit/pipeline/enrich/enriching.h"

using namespace causeway;
using namespace causeway::pipeline;
using namespace causeway::pipeline::testing;

namespace {

class OneSecret final : public Secrets {
 public:
  Result<std::string> value(std::string_view name) const override {
    if (name == "mpi") return std::string("t0ken");
    return Error{ErrorKind::NotFound, std::string(name), "there is no such secret"};
  }
};

const OneSecret secrets;

std::unique_ptr<Lookup> lookup(const std::string& http_members, const std::string& members = "") {
  auto stage = stage_of(R"("http": {)" + http_members + "}" + members);
  auto made = make_lookup(*stage.enrich, {.secrets = &secrets});
  REQUIRE(made);
  return std::move(*made);
}

std::string url(const HttpPeer& peer) {
  return R"("url": "http://127.0.0.1:)" + peer.port() + R"(/fhir")";
}

std::string asked(HttpPeer& peer, const std::string& request, const std::string& members = "") {
  return told(lookup(url(peer), members)->ask(json(request), in(patience)));
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("JSON comes as JSON, all else as a text, each with its status") {
  HttpPeer peer({http(200, "application/fhir+json; charset=utf-8", R"({"n": 1.10})"),
                 http(404, "text/plain", "no \xFC"), http(200, "application/json", "{broken")});
  CHECK(asked(peer, R"({"path": ["Patient", "a b"], "query": {"x": "1"}})") ==
        R"({"status":200,"type":"application/fhir+json; charset=utf-8","body":{"n": 1.10}})");
  CHECK(asked(peer, "{}") == "{\"status\":404,\"type\":\"text/plain\",\"body\":\"no \xC3\xBC\"}");
  CHECK(asked(peer, "{}") == R"({"status":200,"type":"application/json","body":"{broken"})");
  CHECK(peer.requests().at(0).starts_with("GET /fhir/Patient/a%20b?x=1 HTTP/1.1\r\n"));
}

TEST_CASE("what may pass by itself is tried again, what won't isn't") {
  HttpPeer peer({http(503, "text/plain", "x"), http(429, "text/plain", "x"),
                 http(403, "text/plain", "secret of a patient"),
                 http(302, "text/plain", "x", "Location: http://127.0.0.1:1/\r\n")});
  CHECK(has(asked(peer, "{}"), "unavailable: the server answers with status 503"));
  CHECK(has(asked(peer, "{}"), "unavailable: "));
  const auto forbidden = asked(peer, "{}");
  CHECK(has(forbidden, "refused: "));
  CHECK(!has(forbidden, "patient"));
  CHECK(has(asked(peer, "{}"), "refused: the server answers with status 302"));
}

TEST_CASE("nobody there, an answer that is too large, and one that doesn't come are failures") {
  {
    HttpPeer gone({});
    const auto port = gone.port();
    auto nobody = lookup(R"("url": "http://127.0.0.1:1/")");
    CHECK(has(told(nobody->ask(json("{}"), in(patience))), "unavailable: "));
  }
  HttpPeer peer({http(200, "text/plain", std::string(2000, 'x'))});
  CHECK(has(asked(peer, "{}", R"(, "answer_bytes_max": 1000)"), "limit: the answer has more than"));
  causeway::testing::TcpServer silent;
  auto waits = lookup(R"("url": "http://127.0.0.1:)" + std::to_string(silent.port()) + "\"");
  CHECK(has(told(waits->ask(json("{}"), in(Milliseconds(100)))), "timed_out: "));
}

TEST_CASE("what is posted, and the secrets that go with it") {
  HttpPeer peer({http(200, "text/plain", ""), http(200, "text/plain", "")});
  auto posting = lookup(url(peer) + R"(, "method": "POST", "bearer_token": "secret:mpi",
      "headers": ["Accept: application/json"])");
  CHECK(posting->ask(json(R"({"body": {"id": 7}})"), in(patience)));
  auto basic = lookup(url(peer) + R"(, "user": "me", "password": "secret:mpi")");
  CHECK(basic->ask(json("{}"), in(patience)));
  const auto& requests = peer.requests();
  CHECK(requests.at(0).starts_with("POST /fhir HTTP/1.1\r\n"));
  CHECK(has(requests[0], "Authorization: Bearer t0ken\r\n"));
  CHECK(has(requests[0], "Accept: application/json\r\n"));
  CHECK(has(requests[0], "Content-Type: application/json\r\n"));
  CHECK(requests[0].ends_with("\r\n\r\n{\"id\":7}"));
  CHECK(has(requests[1], "Authorization: Basic bWU6dDBrZW4=\r\n"));
}

TEST_CASE("a server must show that it is who it is meant to be") {
  const causeway::testing::TestCertificates files;
  HttpPeer peer({http(200, "text/plain", "trusted"), "", ""},
                {files.server.certificate, files.server.key, "", false});
  const auto base = R"("url": "https://localhost:)" + peer.port() + "\"";
  auto trusting = lookup(base + R"(, "ca_file": ")" + files.ca_file + "\"");
  CHECK(has(told(trusting->ask(json("{}"), in(patience))), "\"body\":\"trusted\""));
  CHECK(has(told(lookup(base)->ask(json("{}"), in(patience))), "unavailable: "));
  auto other = lookup(R"("url": "https://127.0.0.2:)" + peer.port() + R"(", "ca_file": ")" +
                      files.ca_file + "\"");
  CHECK(has(told(other->ask(json("{}"), in(patience))), "unavailable: "));
}

TEST_CASE("what can't work is refused before it is asked") {
  auto refused = [](const std::string& members) {
    auto stage = stage_of(R"("http": {)" + members + "}");
    return !check_lookup(*stage.enrich) || !make_lookup(*stage.enrich, {.secrets = &secrets});
  };
  CHECK(refused(R"("url": "ftp://a/")"));
  CHECK(refused(R"("url": "http://a/", "headers": ["no header"])"));
  CHECK(refused(R"("url": "http://a/", "headers": ["A: b\r\nC: d"])"));
  CHECK(refused(R"("url": "http://a/", "headers": ["authorization: Bearer x"])"));
  CHECK(!refused(R"("url": "http://a/", "headers": ["Accept: */*"])"));
  CHECK(refused(R"("url": "http://a/", "bearer_token": "secret:unknown")"));
}

TEST_CASE("whoever waits for a server gives up when the engine ends") {
  causeway::testing::TcpServer silent;
  auto stopping = std::make_shared<std::atomic<bool>>(true);
  auto stage =
      stage_of(R"("http": {"url": "http://127.0.0.1:)" + std::to_string(silent.port()) + "\"}");
  auto made = make_lookup(*stage.enrich, {.stopping = stopping});
  REQUIRE(made);
  CHECK(has(told((*made)->ask(json("{}"), in(std::chrono::hours(1)))), "unavailable: "));
}
