// SOAP envelopes, taken off and put around, and faults, both ways.
#include <future>

#include "connectors/http/soap.h"
#include "tests/unit/connectors/http_rig.h"

namespace causeway::connectors::http {
namespace {

const std::string envelope_11 =
    "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
    "xmlns:h=\"urn:h\"><s:Header><h:trace>1</h:trace></s:Header><s:Body>"
    "<h:order id=\"7\"><item xmlns=\"\">D\xc3\xb6</item></h:order></s:Body></s:Envelope>";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

std::string error_of(const std::string& text, Soap version = Soap::V11) {
  const auto content = take_off_envelope(text, version);
  return content ? "none" : content.error().text;
}

}  // namespace

TEST_CASE("an envelope is taken off and put around") {
  const auto content = take_off_envelope(envelope_11, Soap::V11);
  REQUIRE(content);
  INFO(content->xml);
  CHECK(has(content->xml, "<h:order xmlns:h=\"urn:h\" id=\"7\"><item"));
  CHECK(has(content->xml, ">D\xc3\xb6</item></h:order>"));
  CHECK_FALSE(content->fault);
  for (const auto version : {Soap::V11, Soap::V12}) {
    const auto wrapped = put_in_envelope(content->xml, version);
    REQUIRE(wrapped);
    const auto again = take_off_envelope(*wrapped, version);
    REQUIRE(again);
    CHECK(again->xml == content->xml);
    CHECK(*put_in_envelope(*wrapped, version) == *wrapped);
    for (const bool senders : {false, true}) {
      const auto fault = take_off_envelope(soap_fault(version, senders, "a < b & c"), version);
      REQUIRE(fault);
      CHECK(fault->fault);
      CHECK(fault->senders_fault == senders);
      CHECK(fault->reason == "a < b & c");
    }
  }
  CHECK(has(error_of(envelope_11, Soap::V12), "no SOAP envelope of this version"));
  CHECK(has(error_of("<a/>"), "no SOAP envelope"));
  CHECK(error_of("text") != "none");
  const auto must = [](const std::string& value) {
    auto text = envelope_11;
    text.insert(text.find("<h:trace") + 8, " s:mustUnderstand=\"" + value + "\"");
    return text;
  };
  CHECK(has(error_of(must("1")), "must be understood"));
  CHECK(error_of(must("0")) == "none");
  CHECK(put_in_envelope("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xfc</a>", Soap::V11)
            .error()
            .text == "what goes into it has to be in UTF-8");
}

TEST_CASE_METHOD(HttpRig, "http source: the message is what is in the envelope") {
  intake.hold_replies();
  const auto port = serve(R"("path": "/in", "soap": "1.1")");
  HttpPeer peer(port);
  const auto ask = [&](const std::string& body) {
    return request("POST /in", "Content-Type: text/xml\r\nSOAPAction: \"urn:do\"\r\n", body);
  };
  peer.peer().send(ask(envelope_11));
  REQUIRE(intake.wait_for(1));
  CHECK(intake.message(0).content_type == ContentType::Xml);
  CHECK(has(std::string(intake.message(0).body.view()), "<h:order xmlns:h=\"urn:h\" id=\"7\">"));
  CHECK(attribute(0, "soap_action") == "\"urn:do\"");
  Verdict verdict;
  verdict.verbatim = make_bytes("<?xml version=\"1.0\"?>\n<done/>");
  intake.answer(0, verdict);
  const auto answer = peer.answer();
  CHECK(answer.status == 200);
  CHECK(has(answer.head, "content-type: text/xml"));
  CHECK(has(answer.body, "<soap:Body>\n<done/></soap:Body>"));

  peer.peer().send(ask(envelope_11));
  REQUIRE(intake.wait_for(2));
  Verdict failed;
  failed.code = Verdict::Code::Error;
  failed.kind = ErrorKind::Script;
  failed.text = "no";
  intake.answer(1, failed);
  const auto fault = peer.answer();
  CHECK(fault.status == 500);
  CHECK(has(fault.body, "<faultcode>soap:Client</faultcode><faultstring>no</faultstring>"));

  const auto none = peer.ask(ask("<a/>"));
  CHECK(none.status == 500);
  CHECK(has(none.body, "no SOAP envelope"));
  CHECK(intake.count() == 2);
}

TEST_CASE_METHOD(HttpRig, "http sink: content goes in an envelope, and a fault decides") {
  testing::TcpServer server;
  auto& sink = make_sink("\"url\": \"http://127.0.0.1:" + std::to_string(server.port()) +
                         "/\", \"soap\": \"1.2\", \"soap_action\": \"urn:{what}\"");
  std::unique_ptr<TcpPeer> peer;
  std::string received;
  auto answered = [&](const std::string& status, const std::string& body) {
    StoredDelivery delivery;
    delivery.body = Body(make_bytes("<order/>"));
    delivery.attributes = std::make_shared<const Attributes>(Attributes{{"what", "do"}});
    auto promise = std::make_shared<std::promise<Attempt>>();
    sink.deliver(std::move(delivery),
                 [promise](Attempt attempt) { promise->set_value(std::move(attempt)); });
    if (!peer) peer = server.accept();
    REQUIRE(peer);
    received.clear();
    while (!has(received, "</soap:Envelope>")) {
      const auto more = peer->receive();
      REQUIRE_FALSE(more.empty());
      received += more;
    }
    peer->send("HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body);
    auto future = promise->get_future();
    REQUIRE(future.wait_for(20s) == std::future_status::ready);
    return future.get();
  };
  const auto done = answered("200 OK", *put_in_envelope("<done/>", Soap::V12));
  CHECK(done.outcome == Outcome::Delivered);
  CHECK(has(done.response, "<done/>"));
  CHECK_FALSE(has(done.response, "Envelope"));
  CHECK(has(received, "content-type: application/soap+xml; charset=utf-8; action=\"urn:do\"\r\n"));
  CHECK(has(received, "<soap:Body><order/></soap:Body>"));
  const auto senders = answered("400 Bad Request", soap_fault(Soap::V12, true, "bad order"));
  CHECK(senders.outcome == Outcome::Rejected);
  CHECK(senders.reason.text == "SOAP fault: bad order");
  CHECK(answered("500 Oops", soap_fault(Soap::V12, false, "busy")).outcome == Outcome::Deferred);
  CHECK(answered("500 Oops", soap_fault(Soap::V12, true, "bad")).outcome == Outcome::Rejected);
  CHECK(answered("200 OK", "no envelope").outcome == Outcome::Ambiguous);
  CHECK(answered("202 Accepted", "").outcome == Outcome::Delivered);
}

}  // namespace causeway::connectors::http
