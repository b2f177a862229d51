// What an HTTP sink sends and what it makes of answers, beside the contract of sinks.
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <fstream>
#include <future>

#include "connectors/http/access_token.h"
#include "connectors/http/outcome.h"
#include "connectors/http/token.h"
#include "connectors/support/base64.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/connectors/http_rig.h"

namespace causeway::connectors::http {
namespace {

/// A server that answers each request as it is told.
struct Answering {
  testing::TcpServer server;
  std::unique_ptr<TcpPeer> peer;
  std::string received;

  std::uint16_t port() const { return server.port(); }
  /// The next request, whole.
  std::string request() {
    for (;;) {
      const auto end = received.find("\r\n\r\n");
      if (end != received.npos) {
        const auto at = received.find("content-length: ");
        const std::size_t length = at < end ? std::stoul(received.substr(at + 16)) : 0;
        if (received.size() >= end + 4 + length) {
          auto whole = received.substr(0, end + 4 + length);
          received.erase(0, whole.size());
          return whole;
        }
      }
      if (!peer) peer = server.accept();
      if (!peer) return "(nobody)";
      const auto more = peer->receive();
      if (more.empty()) return "(nothing)";
      received += more;
    }
  }
  void answer(const std::string& status, const std::string& headers = "",
              const std::string& body = "") {
    peer->send("HTTP/1.1 " + status + "\r\n" + headers +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
};

std::future<Attempt> deliver(Sink& sink, const std::string& body, Attributes attributes = {},
                             ContentType type = ContentType::Json) {
  StoredDelivery delivery;
  delivery.work = {MessageId{77}, RunNumber{1}, DestinationId{3}, 0};
  delivery.content_type = type;
  delivery.body = Body(make_bytes(body));
  if (!attributes.empty())
    delivery.attributes = std::make_shared<const Attributes>(std::move(attributes));
  auto promise = std::make_shared<std::promise<Attempt>>();
  sink.deliver(std::move(delivery),
               [promise](Attempt attempt) { promise->set_value(std::move(attempt)); });
  return promise->get_future();
}

Attempt outcome(std::future<Attempt> future) {
  REQUIRE(future.wait_for(20s) == std::future_status::ready);
  return future.get();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

std::string url(std::uint16_t port, const std::string& path) {
  return "\"url\": \"http://127.0.0.1:" + std::to_string(port) + path + "\"";
}

/// A key pair, its private half in a file.
struct KeyPair {
  testing::TemporaryFolder folder;
  std::string file, jwks;

  KeyPair() {
    auto* key = EVP_EC_gen("P-256");
    file = (folder.path() / "key.pem").string();
    auto* out = std::fopen(file.c_str(), "w");
    PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    std::string point(65, '\0');
    std::size_t size = 0;
    EVP_PKEY_get_octet_string_param(key, "pub", reinterpret_cast<unsigned char*>(point.data()),
                                    point.size(), &size);
    EVP_PKEY_free(key);
    REQUIRE(size == 65);
    jwks = R"({"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":")" +
           encode_base64url(point.substr(1, 32)) + R"(","y":")" +
           encode_base64url(point.substr(33)) + "\"}]}";
  }
  std::string pem() const {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

/// A token as an issuer would make it: the client's assertion has all that it needs.
std::string token_by(const KeyPair& pair, SystemTime now, const std::string& audience = "us") {
  TokenRequestSettings settings;
  settings.client_id = "portal";
  settings.audience = audience;
  settings.key_id = "k1";
  settings.key_pem = pair.pem();
  return *client_assertion(settings, now, "id");
}

}  // namespace

TEST_CASE_METHOD(HttpRig, "http sink: method, path and headers come from the delivery") {
  Answering server;
  auto& sink = make_sink(url(server.port(), "/base/{path.id}/{+rest}?q={q}") +
                         R"(, "method": "{method}", "idempotency_key": true, "headers": [
      {"name": "X-Trace", "value": "t-{trace}"}, {"name": "X-None", "value": "{none}"}])");
  auto attempt = deliver(sink, "{}",
                         {{"method", "PUT"},
                          {"path.id", "1/2 \xc3\xbc"},
                          {"rest", "a/b?c"},
                          {"q", "x&y"},
                          {"trace", "7"}});
  const auto got = server.request();
  CHECK(has(got, "PUT /base/1%2F2%20%C3%BC/a/b%3Fc?q=x%26y HTTP/1.1\r\n"));
  CHECK(has(got, "host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
  CHECK(has(got, "x-trace: t-7\r\n"));
  CHECK_FALSE(has(got, "x-none"));
  CHECK(has(got, "content-type: application/json\r\n"));
  CHECK(has(got, "idempotency-key: " + to_string(MessageId{77}) + "-1-3-0\r\n"));
  server.answer("201 Created", "Location: /x/1\r\nContent-Type: application/json\r\n", "{\"a\":1}");
  const auto done = outcome(std::move(attempt));
  CHECK(done.outcome == Outcome::Delivered);
  CHECK(done.response == "{\"a\":1}");
  CHECK(*find_attribute(done.response_attributes, "status") == "201");
  CHECK(*find_attribute(done.response_attributes, "header.location") == "/x/1");

  auto rejected = [&](Attributes attributes) {
    const auto one = outcome(deliver(sink, "{}", std::move(attributes)));
    CHECK(one.outcome == Outcome::Rejected);
    return one.reason.str();
  };
  CHECK(has(rejected({}), "attribute method: the delivery doesn't have it"));
  CHECK(
      has(rejected({{"method", "PU T"}, {"path.id", "1"}, {"rest", ""}, {"q", ""}}), "no method"));
  CHECK(has(rejected({{"method", "PUT"}, {"path.id", ".."}, {"rest", ""}, {"q", ""}}), "dots"));
  CHECK(has(
      rejected(
          {{"method", "PUT"}, {"path.id", "1"}, {"rest", ""}, {"q", ""}, {"trace", "a\r\nb: c"}}),
      "attribute trace: it has control characters"));
}

TEST_CASE_METHOD(HttpRig, "http sink: the status decides") {
  Answering server;
  auto& sink = make_sink(url(server.port(), "/"));
  auto answered = [&](const std::string& status, const std::string& headers = "") {
    auto attempt = deliver(sink, "{}");
    server.request();
    server.answer(status, headers, status == "204 No Content" ? "" : "said");
    return outcome(std::move(attempt));
  };
  CHECK(answered("200 OK").outcome == Outcome::Delivered);
  CHECK(answered("204 No Content").outcome == Outcome::Delivered);
  for (const auto* status : {"400 Bad", "404 No", "409 Conflict", "422 No", "301 Moved", "401 Who"})
    CHECK(answered(status).outcome == Outcome::Rejected);
  for (const auto* status : {"408 Late", "425 Early", "500 Oops", "502 Gate"})
    CHECK(answered(status).outcome == Outcome::Deferred);
  const auto busy = answered("429 Slow", "Retry-After: 7\r\n");
  CHECK(busy.outcome == Outcome::Deferred);
  CHECK(busy.retry_after == Milliseconds(7000));
  CHECK(busy.destination_down);
  CHECK(has(answered("302 Found", "Location: http://other/\r\n").reason.text, "redirects"));

  // Interim answers are passed over, an answer without a length ends with the connection.
  auto attempt = deliver(sink, "{}");
  server.request();
  server.peer->send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nto the end");
  server.peer->close();
  const auto done = outcome(std::move(attempt));
  CHECK(done.outcome == Outcome::Delivered);
  CHECK(done.response == "to the end");
}

TEST_CASE_METHOD(HttpRig,
                 "http sink: what is too long or no HTTP is ambiguous, unless idempotent") {
  for (const bool idempotent : {false, true}) {
    Answering server;
    auto& sink = make_sink(url(server.port(), "/") + ", \"response_bytes_max\": 2000" +
                           (idempotent ? ", \"idempotent\": true" : ""));
    const auto expected = idempotent ? Outcome::Deferred : Outcome::Ambiguous;
    auto long_answer = deliver(sink, "{}");
    server.request();
    server.answer("200 OK", "", std::string(3000, 'x'));
    CHECK(outcome(std::move(long_answer)).outcome == expected);
    server.peer.reset();
    auto garbage = deliver(sink, "{}");
    server.request();
    server.peer->send("MSH|^~\\&|no HTTP\r\n\r\n");
    CHECK(outcome(std::move(garbage)).outcome == expected);
  }
}

TEST_CASE("Retry-After is seconds or a date") {
  const SystemTime now(std::chrono::sys_days(std::chrono::year(2026) / 10 / 21));
  CHECK(retry_after("120", now) == Milliseconds(120'000));
  CHECK(retry_after("Wed, 21 Oct 2026 00:01:00 GMT", now) == Milliseconds(60'000));
  CHECK_FALSE(retry_after("Wed, 21 Oct 2025 00:01:00 GMT", now));
  for (const auto* text : {"", "soon", "-5", "0", "12x"}) CHECK_FALSE(retry_after(text, now));
  CHECK(retry_after("999999999999", now) == Milliseconds(7 * 86'400'000));
}

TEST_CASE_METHOD(HttpRig, "http sink: an access token is fetched once, shown, and replaced") {
  secrets.values = {{"client", "s3cret&"}};
  Answering server, issuer;
  auto& sink = make_sink(
      url(server.port(), "/") + R"(, "connections": 1, "auth": {"oauth2": {
      "token_url": "http://127.0.0.1:)" +
      std::to_string(issuer.port()) +
      R"(/token", "client_id": "us", "client_secret": "secret:client", "scope": "a b"}})");
  auto first = deliver(sink, "1");
  const auto asked = issuer.request();
  CHECK(has(asked, "POST /token HTTP/1.1\r\n"));
  CHECK(has(asked, "grant_type=client_credentials&scope=a%20b"));
  CHECK(has(asked, "authorization: Basic " + encode_base64("us:s3cret%26") + "\r\n"));
  issuer.answer("200 OK", "", R"({"access_token":"t1","token_type":"Bearer","expires_in":3600})");
  CHECK(has(server.request(), "authorization: Bearer t1\r\n"));
  server.answer("200 OK");
  CHECK(outcome(std::move(first)).outcome == Outcome::Delivered);

  auto second = deliver(sink, "2");  // with the same
  CHECK(has(server.request(), "authorization: Bearer t1\r\n"));
  server.answer("401 Unauthorized");
  CHECK(outcome(std::move(second)).outcome == Outcome::Deferred);

  auto short_lived = deliver(sink, "s");
  issuer.request();
  issuer.answer("200 OK", "", R"({"access_token":"t2","expires_in":0})");
  CHECK(has(server.request(), "authorization: Bearer t2\r\n"));
  server.answer("401 Unauthorized");
  CHECK(outcome(std::move(short_lived)).outcome == Outcome::Deferred);

  auto third = deliver(sink, "3");
  issuer.request();
  issuer.answer("400 Bad Request", "", R"({"error":"invalid_client","error_description":"x"})");
  const auto refused = outcome(std::move(third));
  CHECK(refused.outcome == Outcome::Deferred);
  CHECK(refused.destination_down);
  CHECK(has(refused.reason.text, "status 400, invalid_client"));
}

TEST_CASE_METHOD(HttpRig, "http sink: a client that signs shows its assertion") {
  KeyPair pair;
  Answering server, issuer;
  auto& sink = make_sink(url(server.port(), "/") + R"(, "auth": {"oauth2": {
      "token_url": "http://127.0.0.1:)" +
                         std::to_string(issuer.port()) +
                         R"(/token", "client_id": "us", "audience": "them", "key_id": "k1",
      "key_file": ")" + pair.file +
                         "\"}}");
  auto attempt = deliver(sink, "1");
  const auto asked = issuer.request();
  const std::string name = "client_assertion=";
  const auto assertion = asked.substr(asked.rfind(name) + name.size());
  CHECK(has(asked, "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type"));
  const auto keys = TokenKeys::parse(pair.jwks);
  REQUIRE(keys);
  TokenRules rules;
  rules.issuer = "us";
  rules.audience = "them";
  const auto claims = check_token(assertion, rules, **keys, clock.now());
  REQUIRE(claims);
  CHECK(claims->name == "us");
  issuer.answer("200 OK", "", R"({"access_token":"t"})");
  server.request();
  server.answer("200 OK");
  CHECK(outcome(std::move(attempt)).outcome == Outcome::Delivered);
}

TEST_CASE("tokens are taken only from whom and for what they should be") {
  KeyPair pair, stranger;
  const auto keys = *TokenKeys::parse(pair.jwks);
  const auto now = MachineClock().now();
  const auto token = token_by(pair, now);
  TokenRules rules;
  rules.issuer = "portal";
  rules.audience = "us";
  auto error = [&](const std::string& text, const TokenRules& by, SystemTime at) {
    const auto checked = check_token(text, by, *keys, at);
    return checked ? "none: " + checked->name : checked.error().text;
  };
  CHECK(error(token, rules, now) == "none: portal");
  CHECK(error(token, rules, now + 10min) == "it has expired");
  CHECK(error(token_by(stranger, now), rules, now) == "its signature is wrong");
  auto other = rules;
  other.audience = "them";
  CHECK(error(token, other, now) == "another audience");
  other = rules;
  other.issuer = "somebody";
  CHECK(error(token, other, now) == "another issuer");
  other = rules;
  other.scope = "orders";
  CHECK(error(token, other, now) == "its scope doesn't let it in");
  auto changed = token;
  changed[token.find('.') + 5] = changed[token.find('.') + 5] == 'A' ? 'B' : 'A';
  CHECK(error(changed, rules, now) != "none: portal");
  // {"alg":"none"}, and an algorithm that isn't the key's
  const auto rest = token.substr(token.find('.'));
  CHECK(error(encode_base64url(R"({"alg":"none"})") + rest, rules, now) ==
        "its signature is wrong");
  CHECK(error(encode_base64url(R"({"alg":"HS256"})") + rest, rules, now) ==
        "its signature is wrong");
  CHECK(error(encode_base64url(R"({"alg":"RS256"})") + rest, rules, now) ==
        "its signature is wrong");
  CHECK(error(encode_base64url(R"({"alg":"ES256","kid":"k9"})") + rest, rules, now) ==
        "its key isn't known");
  CHECK(error("a.b", rules, now) == "it doesn't have three parts");
  CHECK_FALSE(TokenKeys::parse(R"({"keys":[]})"));
  CHECK_FALSE(TokenKeys::parse(R"({"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]})"));
}

TEST_CASE_METHOD(HttpRig, "http source: a token says who sends") {
  KeyPair pair;
  const auto file = (pair.folder.path() / "keys.json").string();
  std::ofstream(file) << pair.jwks;
  const auto port = serve(R"("path": "/in", "auth": {"bearer": {"audience": "us", "jwks_file": ")" +
                          file + "\"}}");
  HttpPeer peer(port);
  auto ask = [&](const std::string& token) {
    return peer.ask(request("POST /in", "Authorization: Bearer " + token + "\r\n", "x"));
  };
  CHECK(ask(token_by(pair, clock.now())).status == 202);
  CHECK(intake.message(0).sender.name == "portal");
  const auto wrong = ask(token_by(pair, clock.now(), "them"));
  CHECK(wrong.status == 401);
  CHECK(has(wrong.head, "www-authenticate: Bearer"));
  CHECK(intake.count() == 1);
}

}  // namespace causeway::connectors::http
