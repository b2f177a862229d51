// What an HTTP source takes and how it answers, beside the contract of sources.
#include "connectors/http/gzip.h"
#include "tests/unit/connectors/http_rig.h"

namespace causeway::connectors::http {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE_METHOD(HttpRig, "http source: what a request says stands in the attributes") {
  const auto port = serve(R"("path": "/patients/{id}/orders", "methods": ["POST", "GET"],
                            "headers": ["X-Trace"], "status_url": "https://x/m/{message}")");
  HttpPeer peer(port);
  const auto answer = peer.ask(request("POST /patients/1%2F2/orders?since=a+b&since=c&x",
                                       "X-Trace: 7\r\nContent-Type: text/plain\r\n", "text"));
  CHECK(answer.status == 202);
  REQUIRE(intake.wait_for(1));
  CHECK(attribute(0, "method") == "POST");
  CHECK(attribute(0, "path") == "/patients/1%2F2/orders");
  CHECK(attribute(0, "path.id") == "1/2");
  CHECK(attribute(0, "query.since") == "a b");
  CHECK(attribute(0, "query.since.2") == "c");
  CHECK(attribute(0, "query.x").empty());
  CHECK(attribute(0, "header.x-trace") == "7");
  CHECK(attribute(0, "content_type") == "text/plain");
  CHECK(intake.message(0).content_type == ContentType::Text);
  const auto id = to_string(intake.id_of(0));
  CHECK(answer.body == "{\"message\":\"" + id + "\"}\n");
  CHECK(has(answer.head, "location: https://x/m/" + id + "\r\n"));
  CHECK(has(answer.head, "causeway-message: " + id + "\r\n"));

  CHECK(peer.ask(request("GET /patients/3/orders/")).status == 202);
  CHECK(attribute(1, "path.id") == "3");
  CHECK(intake.message(1).body.empty());
}

TEST_CASE_METHOD(HttpRig, "http source: what isn't taken is refused with its status") {
  const auto port =
      serve(R"("path": "/in", "accept": ["application/json", "text/*"], "body_bytes_max": 100)");
  const std::string json = "Content-Type: application/json\r\n";
  auto status = [&](const std::string& text) { return HttpPeer(port).ask(text).status; };
  CHECK(status(request("POST /other", json, "{}")) == 404);
  CHECK(status(request("POST /in/more", json, "{}")) == 404);
  CHECK(status(request("POST /../in", json, "{}")) == 400);
  CHECK(status(request("POST /in", "Content-Type: application/xml\r\n", "<a/>")) == 415);
  CHECK(status(request("POST /in", json + "Content-Encoding: br\r\n", "{}")) == 415);
  CHECK(status(request("POST /in", json, std::string(101, 'x'))) == 413);
  CHECK(status(request("POST /in", json + "Expect: a miracle\r\n", "{}")) == 417);
  CHECK(status("POST /in HTTP/1.1\r\nContent-Length: 0\r\n\r\n") == 400);
  CHECK(status("POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n") ==
        400);
  CHECK(status("POST /in HTTP/1.1\r\nHost: x\r\nX: " + std::string(60'000, 'x')) == 431);
  const auto method = HttpPeer(port).ask(request("PUT /in", json, "{}"));
  CHECK(method.status == 405);
  CHECK(has(method.head, "allow: POST\r\n"));
  CHECK(has(method.head, "content-type: application/problem+json\r\n"));
  CHECK(has(method.body, "\"status\":405"));
  CHECK(intake.count() == 0);

  HttpPeer kept(port);  // a refusal doesn't cost the connection
  CHECK(kept.ask(request("POST /other", json, "{}")).status == 404);
  CHECK(kept.ask(request("POST /in", "Content-Type: text/csv\r\n", "a")).status == 202);
  CHECK(intake.count() == 1);
}

TEST_CASE_METHOD(HttpRig, "http source: a verdict has its status, a script its own") {
  intake.hold_replies();
  const auto port = serve(R"("path": "/in")");
  HttpPeer peer(port);
  std::size_t sent = 0;
  auto answered = [&](Verdict verdict) {
    peer.peer().send(request("POST /in", "Content-Type: text/plain\r\n", "x"));
    REQUIRE(intake.wait_for(++sent));
    intake.answer(sent - 1, std::move(verdict));
    return peer.answer();
  };
  auto verdict = [](Verdict::Code code, ErrorKind kind) {
    Verdict made;
    made.code = code;
    made.level = Verdict::Level::Done;
    made.kind = kind;
    made.text = "why \"not\"";
    return made;
  };
  CHECK(answered(verdict(Verdict::Code::Accept, ErrorKind::None)).status == 200);
  CHECK(answered(verdict(Verdict::Code::Accept, ErrorKind::TimedOut)).status == 202);
  const auto failed = answered(verdict(Verdict::Code::Error, ErrorKind::Script));
  CHECK(failed.status == 422);
  CHECK(has(failed.body, R"("detail":"why \"not\"")"));
  CHECK(answered(verdict(Verdict::Code::Reject, ErrorKind::Invalid)).status == 400);
  const auto away = answered(verdict(Verdict::Code::Reject, ErrorKind::Unavailable));
  CHECK(away.status == 503);
  CHECK(has(away.head, "Retry-After: "));

  auto scripted = verdict(Verdict::Code::Accept, ErrorKind::None);
  scripted.verbatim = make_bytes("{\"ok\":true}");
  scripted.attributes =
      std::make_shared<const Attributes>(Attributes{{"type", "json"},
                                                    {"status", "201"},
                                                    {"header.Location", "/orders/1"},
                                                    {"header.Content-Length", "5000"},
                                                    {"header.X-Evil", "a\r\nb: c"}});
  const auto created = answered(scripted);
  CHECK(created.status == 201);
  CHECK(created.body == "{\"ok\":true}");
  CHECK(has(created.head, "location: /orders/1\r\n"));
  CHECK(has(created.head, "content-type: application/json\r\n"));
  CHECK_FALSE(has(created.head, "5000"));
  CHECK_FALSE(has(created.head, "evil"));
  scripted.attributes = std::make_shared<const Attributes>(Attributes{{"status", "204"}});
  const auto empty = answered(scripted);
  CHECK(empty.status == 204);
  CHECK_FALSE(has(empty.head, "content-length"));
}

TEST_CASE_METHOD(HttpRig, "http source: bodies packed by gzip, and answers") {
  const auto port = serve(R"("path": "/in", "body_bytes_max": 400000)");
  const std::string text(300'000, 'a');
  HttpPeer peer(port);
  const std::string packed = "Content-Type: text/plain\r\nContent-Encoding: gzip\r\n";
  CHECK(peer.ask(request("POST /in", packed, gzip(text))).status == 202);
  CHECK(intake.message(0).readable_view() == text);
  CHECK(peer.ask(request("POST /in", packed, "no gzip")).status == 400);
  CHECK(peer.ask(request("POST /in", packed, gzip(text).substr(0, 50))).status == 400);
  // A bomb: two kilobytes that would be two megabytes.
  CHECK(peer.ask(request("POST /in", packed, gzip(std::string(2'000'000, 'b')))).status == 413);
  CHECK(intake.count() == 1);

  intake.hold_replies();
  HttpPeer taker(port);
  taker.peer().send(request("POST /in", "Accept-Encoding: br, gzip;q=0.5\r\n", "x"));
  REQUIRE(intake.wait_for(2));
  Verdict verdict;
  verdict.verbatim = make_bytes(std::string(5000, 'z'));
  intake.answer(1, verdict);
  const auto answer = taker.answer();
  CHECK(has(answer.head, "content-encoding: gzip\r\n"));
  Inflater inflater;
  std::string unpacked;
  for (std::string_view rest = answer.body; !rest.empty();) REQUIRE(inflater.step(rest, unpacked));
  CHECK(unpacked == std::string(5000, 'z'));
}

TEST_CASE_METHOD(HttpRig, "http source: a body larger than memory may hold is staged as it comes") {
  const auto port = serve(R"("path": "/in")");
  const std::string large(20'000'000, 'l');
  HttpPeer peer(port);
  CHECK(peer.ask(request("POST /in", "Content-Type: text/plain\r\n", large)).status == 202);
  const auto body = intake.message(0).body;
  REQUIRE(body.is_staged());
  CHECK(body.size() == large.size());
  CHECK_FALSE(intake.message(0).at_hand);
  CHECK(*staging.read(body.staged(), 19'999'990, 100) == "llllllllll");
  CHECK(peer.ask(request("POST /in", "Content-Type: text/plain\r\nContent-Encoding: gzip\r\n",
                         gzip(large)))
            .status == 202);
  CHECK(intake.message(1).body.size() == large.size());
}

TEST_CASE_METHOD(HttpRig,
                 "http source: chunks, a go-ahead, HTTP/1.0, and the end of a connection") {
  const auto port = serve(R"("path": "/in")");
  HttpPeer peer(port);
  CHECK(peer.ask("POST /in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n")
            .status == 202);
  CHECK(intake.message(0).body.view() == "abcde");
  CHECK(
      peer.ask("POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
          .status == 100);
  CHECK(peer.ask("hi").status == 202);
  CHECK(intake.message(1).body.view() == "hi");
  const auto last = peer.ask(request("POST /in", "Connection: close\r\n", "x"));
  CHECK(has(last.head, "connection: close\r\n"));
  CHECK(peer.answer().status == 0);
  CHECK(peer.peer().ended());
  HttpPeer old(port);
  CHECK(old.ask("POST /in HTTP/1.0\r\nContent-Length: 1\r\n\r\nx").status == 202);
  CHECK(old.answer().status == 0);
}

TEST_CASE_METHOD(HttpRig, "http source: each part of a form a message, or one of them") {
  const std::string form =
      "preamble\r\n--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nfirst\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".json\"\r\n"
      "Content-Type: application/json\r\n\r\n{}\r\n--b--\r\nepilogue";
  const std::string type = "Content-Type: multipart/form-data; boundary=\"b\"\r\n";
  const auto split = serve(R"("path": "/in", "multipart": "split")");
  const auto answer = HttpPeer(split).ask(request("POST /in", type, form));
  CHECK(answer.status == 202);
  CHECK(has(answer.body, "\"messages\":["));
  REQUIRE(intake.count() == 2);
  CHECK(intake.message(0).body.view() == "first");
  CHECK(intake.message(0).batch_place == 1);
  CHECK(intake.message(1).content_type == ContentType::Json);
  CHECK(attribute(1, "part") == "file");
  CHECK(attribute(1, "file_name") == "a \"b\".json");
  CHECK(HttpPeer(split).ask(request("POST /in", type, "--b\r\n\r\nnot closed")).status == 400);

  const auto one = serve(R"("path": "/in", "multipart": "part", "part": "file")");
  CHECK(HttpPeer(one).ask(request("POST /in", type, form)).status == 202);
  REQUIRE(intake.count() == 3);
  CHECK(intake.message(2).body.view() == "{}");
}

TEST_CASE_METHOD(HttpRig, "http source: an idempotency key is the message's origin") {
  const auto port = serve(R"("path": "/in")");
  HttpPeer peer(port);
  peer.ask(request("POST /in", "Idempotency-Key: k1\r\n", "a"));
  peer.ask(request("POST /in", "Idempotency-Key: k1\r\n", "a"));
  peer.ask(request("POST /in", "Idempotency-Key: k2\r\n", "a"));
  peer.ask(request("POST /in", "", "a"));
  REQUIRE(intake.count() == 4);
  CHECK(intake.message(0).origin->source == intake.message(1).origin->source);
  CHECK(intake.message(0).origin->source != intake.message(2).origin->source);
  CHECK_FALSE(intake.message(3).origin);
}

TEST_CASE_METHOD(HttpRig, "http source: who sends is shown by password, key or certificate") {
  secrets.values = {{"lab", "s3cret"},
                    {"portal",
                     "sha256:"
                     "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}};
  const auto port = serve(R"("path": "/in", "auth": {
      "basic": [{"name": "lab", "password": "secret:lab"}],
      "api_keys": [{"name": "portal", "key": "secret:portal"}]})");
  HttpPeer peer(port);
  const auto none = peer.ask(request("POST /in", "", "x"));
  CHECK(none.status == 401);
  CHECK(has(none.head, "www-authenticate: Basic realm="));
  // lab:s3cret, lab:wrong
  CHECK(peer.ask(request("POST /in", "Authorization: Basic bGFiOnMzY3JldA==\r\n", "x")).status ==
        202);
  CHECK(intake.message(0).sender.name == "lab");
  CHECK(peer.ask(request("POST /in", "Authorization: Basic bGFiOndyb25n\r\n", "x")).status == 401);
  CHECK(peer.ask(request("POST /in", "Authorization: Basic !\r\n", "x")).status == 401);
  CHECK(peer.ask(request("POST /in", "X-Api-Key: hello\r\n", "x")).status == 202);
  CHECK(intake.message(1).sender.name == "portal");
  CHECK(peer.ask(request("POST /in", "X-Api-Key: hallo\r\n", "x")).status == 401);
  CHECK(intake.count() == 2);
  CHECK(has(refusal(R"("path": "/in", "port": 0, "auth": {"certificates": ["*"]})"),
            "needs tls with verify_peer"));
  CHECK(has(refusal(R"("path": "/in", "port": 0, "auth": {})"), "it demands nothing"));
}

TEST_CASE_METHOD(HttpRig, "http source: channels share a port, each with its paths") {
  const auto port = testing::unused_port();
  const auto at = "\"port\": " + std::to_string(port) + ", ";
  auto& orders = make(at + R"("path": "/orders/{id}")", "lab/orders");
  auto& urgent = make(at + R"("path": "/orders/urgent", "methods": ["POST", "PUT"])", "lab/urgent");
  REQUIRE(orders.start(intake).ok());
  REQUIRE(urgent.start(intake).ok());
  HttpPeer peer(port);
  CHECK(peer.ask(request("POST /orders/7", "", "x")).status == 202);
  CHECK(attribute(0, "path.id") == "7");
  CHECK(peer.ask(request("POST /orders/urgent", "", "x")).status == 202);
  CHECK(attribute(1, "path.id") == "(none)");

  auto& same = make(at + R"("path": "/orders/{number}")", "lab/same");
  const auto taken = same.start(intake);
  REQUIRE_FALSE(taken.ok());
  CHECK(taken.error().kind == ErrorKind::Conflict);
  CHECK(has(taken.error().text, "is taken by channel \"lab/orders\""));
  auto& other = make(at + R"("path": "/x", "connections_max": 5)", "lab/other");
  CHECK(has(other.start(intake).error().text, "other settings"));

  orders.stop(1s);
  CHECK(peer.ask(request("POST /orders/7", "", "x")).status == 404);
  CHECK(peer.ask(request("POST /orders/urgent", "", "x")).status == 202);
  CHECK(has(urgent.probe().text, "POST, PUT /orders/urgent"));
  urgent.stop(1s);
  CHECK_THROWS(TcpPeer::connect(port));
}

TEST_CASE_METHOD(HttpRig, "http source: a successor takes the port and the connections") {
  const auto port = testing::unused_port();
  const auto at = "\"port\": " + std::to_string(port) + ", ";
  auto& first = make(at + R"("path": "/in")");
  REQUIRE(first.start(intake).ok());
  HttpPeer early(port);
  CHECK(early.ask(request("POST /in", "", "1")).status == 202);

  auto& second = make(at + R"("path": "/new/{id}", "connections_max": 5)");
  REQUIRE(second.take_over(first));
  early.peer().send(request("POST /new/2", "", "2"));  // waits for the start
  CHECK_FALSE(intake.wait_for(2, 100ms));
  REQUIRE(second.start(intake).ok());
  CHECK(early.answer().status == 202);
  CHECK(attribute(1, "path.id") == "2");
  first.stop(1s);
  CHECK(early.ask(request("POST /in", "", "3")).status == 404);
  CHECK(early.ask(request("POST /new/4", "", "4")).status == 202);

  auto& third = make(at + R"("path": "/third")");
  REQUIRE(third.take_over(second));
  REQUIRE(second.take_over(third));  // undone
  CHECK(early.ask(request("POST /new/5", "", "5")).status == 202);
}

TEST_CASE_METHOD(HttpRig, "http source: requests that come together are answered in their order") {
  intake.hold_replies();
  const auto port = serve(R"("path": "/in")");
  HttpPeer peer(port);
  peer.peer().send(request("POST /in", "", "1") + request("POST /none", "", "2") +
                   request("POST /in", "", "3"));
  REQUIRE(intake.wait_for(2));
  intake.answer(1);
  intake.answer(0);
  CHECK(peer.answer().status == 202);
  CHECK(peer.answer().status == 404);
  CHECK(peer.answer().status == 202);
}

}  // namespace causeway::connectors::http
