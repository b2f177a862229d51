// Response scripts: what they see of an answer, and what they say.
#include "engine/pipeline/response_script.h"

#include <catch2/catch.hpp>

using namespace causeway;
using namespace causeway::pipeline;

namespace {

const std::string sent_message = "MSH|^~\\&|A|B|C|D|20240102||ADT^A01|1|P|2.5\rPID|1||7\r";

std::string answer_of(const std::string& code, const std::string& text = "") {
  return "MSH|^~\\&|C|D|A|B|20240102||ACK|9|P|2.5\rMSA|" + code + "|1|" + text + "\r";
}

PipelineSettings settings_of(const std::string& body) {
  PipelineSettings settings;
  settings.destinations = {"lab"};
  settings.revision = "r1";
  settings.scripts["seen.js"] = "export default (answer, ctx) => {" + body + "}";
  settings.responses["lab"] = "seen.js";
  return settings;
}

struct Looking {
  explicit Looking(const std::string& body) {
    auto made = make_responses(settings_of(body));
    REQUIRE(made);
    script = std::move(*made->at("lab")->make());
    message.id = MessageId{1};
    sent.content_type = ContentType::Hl7v2;
    sent.body = Body(make_bytes(sent_message));
  }

  ResponseResult look(const std::string& answer, Outcome outcome = Outcome::Delivered,
                      std::string why = "") {
    Attempt attempt;
    attempt.outcome = outcome;
    attempt.response = answer;
    attempt.reason.text = std::move(why);
    return script->run({message, sent, attempt});
  }

  std::unique_ptr<ResponseTransformation> script;
  StoredMessage message;
  StoredDelivery sent;
};

}  // namespace

TEST_CASE(
    "a response script decides by the answer, the message sent, and what its connector sees") {
  Looking looking(
      "if (answer.get('MSA-3') === 'busy') return 'deferred';"
      "if (answer.get('MSA-3') === 'known') return {outcome: 'delivered', reason: 'it was there'};"
      "if (ctx.sent.get('PID-3') !== '7') return 'rejected';"
      "if (ctx.outcome === 'rejected') return {reason: 'no more than that'};");
  CHECK(looking.look(answer_of("AA", "busy")).outcome == Outcome::Deferred);
  auto known = looking.look(answer_of("AE", "known"), Outcome::Rejected, "AE: known");
  CHECK(known.outcome == Outcome::Delivered);
  CHECK(known.text == "it was there");
  auto rejected = looking.look(answer_of("AE"), Outcome::Rejected, "AE");
  CHECK(!rejected.outcome);
  CHECK(rejected.text == "no more than that");
  auto as_it_is = looking.look(answer_of("AA"));
  CHECK(!as_it_is.outcome);
  CHECK(as_it_is.text.empty());
  CHECK(!as_it_is.error);
}

TEST_CASE("an answer is what it looks like, and text if it isn't that after all") {
  Looking looking(
      "return {reason: typeof answer === 'string' ? 'text ' + answer : "
      "answer.ok ?? answer.name?.() ?? 'hl7 ' + answer.get('MSA-1')}");
  CHECK(looking.look(answer_of("AA")).text == "hl7 AA");
  CHECK(looking.look(" {\"ok\": \"json\"}").text == "json");
  CHECK(looking.look("{\"ok\": ").text == "text {\"ok\": ");
  CHECK(looking.look("<not xml").text == "text <not xml");
  CHECK(looking.look("").text == "text ");
  CHECK(looking.look("MSH|").text == "text MSH|");
}

TEST_CASE("what a response script logs is kept beside the reason that there was") {
  Looking looking("console.log('seen'); return answer === 'x' ? 'rejected' : undefined");
  CHECK(looking.look("y", Outcome::Rejected, "AE: no").text == "AE: no\nseen\n");
  CHECK(looking.look("x", Outcome::Delivered, "").text == "seen\n");
}

TEST_CASE("a response script answers the sender, and does nothing else") {
  Looking replies("ctx.reply(answer.copy().toString().replace('MSA|AE', 'MSA|AA'))");
  auto reply = replies.look(answer_of("AE"), Outcome::Rejected).reply;
  REQUIRE(reply);
  CHECK(*reply == answer_of("AA"));
  for (const auto* body : {"ctx.send('lab')", "ctx.drop('no')", "ctx.counter('n')",
                           "return 'ambiguous'", "return true", "return {outcome: 'done'}",
                           "return answer", "return {}", "return null", "null.x"}) {
    INFO(body);
    auto failed = Looking(body).look(answer_of("AA"));
    REQUIRE(failed.error);
    CHECK(failed.error->place.starts_with("seen.js"));
  }
}

TEST_CASE("a response script has the limits of all scripts") {
  auto settings = settings_of("for (;;);");
  settings.script_limits.run_time = Milliseconds(50);
  auto made = make_responses(settings);
  REQUIRE(made);
  Looking looking("");
  looking.script = std::move(*made->at("lab")->make());
  auto failed = looking.look(answer_of("AA"));
  REQUIRE(failed.error);
  CHECK(failed.error->kind == ErrorKind::ScriptLimit);
}

TEST_CASE("a response script that can't be compiled is told") {
  CHECK(!make_responses(settings_of("return (")));
}
