// What a draft would make otherwise of a message, and how many messages have the same change.
#include "engine/main/compare/message_comparison.h"

#include <catch2/catch.hpp>

#include "engine/main/channel_files.h"
#include "engine/main/compare/change_clusters.h"

using namespace causeway;

namespace {

const std::string adt =
    "MSH|^~\\&|A|B|C|D|20240102||ADT^A01|1|P|2.5\rPID|1||7\rOBX|1||x||5\rOBX|2||y||6\r";

config::ChannelConfig channel(const std::string& body, const std::string& stages = "") {
  config::Problems problems;
  auto made =
      read_files("lab/in",
                 {{"channel.json", R"({"source": {"type": "channel"}, "stages": [)" + stages +
                                       R"({"type": "transform", "file": "t.js"}],
         "destinations": {"lab": {"type": "mllp", "host": "127.0.0.1", "port": 1},
                          "archive": {"type": "mllp", "host": "127.0.0.1", "port": 2}}})"},
                  {"ask.js", "export default () => 'W1'"},
                  {"t.js", "export default (msg, ctx) => {" + body + "}"}},
                 nullptr, problems);
  for (const auto& problem : problems.list) FAIL(problem.str());
  return made;
}

std::vector<std::string> changes(const config::ChannelConfig& deployed,
                                 const config::ChannelConfig& draft,
                                 const std::vector<RecordedInput>& recorded = {}) {
  auto comparison =
      MessageComparison::make(deployed, draft, [](BodyId, std::uint64_t, std::size_t) {
        return Result<std::string>(Error{ErrorKind::NotFound, "", "none"});
      });
  REQUIRE(comparison);
  StoredMessage message;
  message.id = MessageId{7};
  message.arrival.draft.content_type = ContentType::Hl7v2;
  message.arrival.draft.body = Body(make_bytes(adt));
  message.arrival.order_keys = {1};
  std::vector<std::string> texts;
  for (const auto& change : (*comparison)->compare(message, recorded))
    texts.push_back((change.destination.empty() ? "" : change.destination + ": ") + change.what);
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("Compare: the same is no change, whatever it is called") {
  CHECK(changes(channel("msg.set('MSH-5', 'X')"), channel("msg.set('MSH-5', 'X'); return msg"))
            .empty());
  CHECK(
      changes(channel("msg.append('ZU|' + ctx.uuid())"), channel("msg.append(`ZU|${ctx.uuid()}`)"))
          .empty());
}

TEST_CASE("Compare: fields that change, come and go, without the numbers of their segments") {
  CHECK(changes(channel("ctx.send('lab')"),
                channel("msg.set('MSH-5', 'X'); msg.set('OBX[2]-5', '9'); ctx.send('lab')")) ==
        Texts{"lab: MSH-5 changed", "lab: OBX-5 changed"});
  CHECK(changes(channel("msg.set('MSH-13', '1'); ctx.send('lab')"), channel("ctx.send('lab')")) ==
        Texts{"lab: MSH-13 changed"});
}

TEST_CASE("Compare: who gets how much, and what the sender is told") {
  CHECK(changes(channel("ctx.send('lab')"), channel("")) ==
        Texts{"archive: gets 1 message and not 0 messages"});
  CHECK(changes(channel(""), channel("ctx.reply('no')")) ==
        Texts{"the sender is answered otherwise"});
  CHECK(changes(channel("ctx.send('lab')"), channel("ctx.drop('no')")) == Texts{"is filtered"});
}

TEST_CASE("Compare: what fails, and what fails no more") {
  const auto fails = changes(channel(""), channel("null.x"));
  REQUIRE(fails.size() == 1);
  CHECK(fails[0].starts_with("fails: t.js:1:"));
  const auto mended = changes(channel("null.x"), channel(""));
  REQUIRE(mended.size() == 1);
  CHECK(mended[0].starts_with("fails no more: t.js:1:"));
  CHECK(changes(channel("null.x"), channel("null.x")).empty());
}

TEST_CASE("Compare: both are told what was recorded, and nobody is asked") {
  const std::string enrich =
      R"({"type": "enrich", "name": "ward", "file": "ask.js", "http": {"url": "http://127.0.0.1:1"}},)";
  const std::vector<RecordedInput> recorded{{"ward", "\"W1\"", make_bytes("{\"name\":\"one\"}")},
                                            {"", "counter n", make_bytes("41")}};
  const auto deployed = channel("msg.set('MSH-5', ctx.enriched('ward').name)", enrich);
  CHECK(changes(deployed, deployed, recorded).empty());
  CHECK(changes(deployed,
                channel("msg.set('MSH-5', ctx.counter('n') === 42 ? 'one' : 'other')", enrich),
                recorded)
            .empty());
  CHECK(changes(deployed, deployed, {}).empty());
}

TEST_CASE("Compare: changes of one kind are counted together, once for each message") {
  ChangeClusters clusters;
  const Change mrn{Change::Kind::Field, "lab", "PID-3.1 changed", "1", "2"};
  const Change name{Change::Kind::Field, "lab", "PID-5.1 changed", "A", "B"};
  clusters.add(MessageId{9}, {mrn, mrn});
  clusters.add(MessageId{8}, {});
  clusters.add(MessageId{7}, {name, mrn});
  const auto summary = clusters.summary();
  CHECK(summary.compared == 3);
  CHECK(summary.changed == 2);
  REQUIRE(summary.clusters.size() == 2);
  CHECK(summary.clusters[0].change.what == "PID-3.1 changed");
  CHECK(summary.clusters[0].messages == 2);
  CHECK(summary.clusters[0].example == MessageId{9});
  CHECK(summary.clusters[1].messages == 1);
}
