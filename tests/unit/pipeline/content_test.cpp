// Bodies of any size as bytes, and back.
#include <catch2/catch.hpp>

#include "engine/core/limits.h"
#include "engine/pipeline/content.h"
#include "engine/pipeline/pipeline.h"
#include "tests/support/memory_store.h"

using namespace causeway;
using namespace causeway::pipeline;

namespace {

struct Staging {
  MachineClock clock;
  test::MemoryDisk disk;
  test::MemoryStore store{disk, {.schedule = [](auto) {}, .clock = &clock}};
};

}  // namespace

TEST_CASE("small content stays inline and shares its bytes") {
  auto bytes = make_bytes("small");
  auto body = make_content(bytes, nullptr);
  REQUIRE(body);
  CHECK(body->bytes() == bytes);
  CHECK(*read_content(*body, nullptr) == bytes);
}

TEST_CASE("large content is staged, and read back whole") {
  Staging staging;
  std::string text(3 * limits::staged_chunk_bytes + 17, 'x');
  text[limits::staged_chunk_bytes] = 'y';
  auto body = make_content(make_bytes(text), &staging.store);
  REQUIRE(body);
  CHECK(body->is_staged());
  CHECK(body->size() == text.size());
  auto back = read_content(*body, &staging.store);
  REQUIRE(back);
  CHECK(**back == text);
}

TEST_CASE("content that is too large is refused") {
  Staging staging;
  Body huge(BodyId{1}, content_bytes_max + 1);
  CHECK(read_content(huge, &staging.store).error().kind == ErrorKind::Limit);
  CHECK(read_content(Body(BodyId{1}, 300'000), nullptr).error().kind == ErrorKind::Limit);
  std::string text(limits::inline_body_bytes + 1, 'x');
  CHECK(make_content(make_bytes(text), nullptr).error().kind == ErrorKind::Limit);
}

TEST_CASE("a script edits a large message") {
  Staging staging;
  std::string text = "MSH|^~\\&|A|B|C|D|20240102||ORU^R01|1|P|2.5\rOBX|1|ED|x||" +
                     std::string(2'000'000, 'Q') + "\r";
  auto body = make_content(make_bytes(text), &staging.store);
  REQUIRE(body);
  PipelineSettings settings;
  settings.destinations = {"lab"};
  settings.staging = &staging.store;
  settings.scripts["t.js"] = "export default (msg) => { msg.set('MSH-3', 'LONGER'); return msg }";
  config::StageConfig stage;
  stage.type = "transform";
  stage.script.file = "t.js";
  settings.stages = {stage};
  auto factory = make_pipeline(settings);
  REQUIRE(factory);
  auto transformation = (*factory)->make();
  StoredMessage message;
  message.id = MessageId{1};
  message.arrival.draft.content_type = ContentType::Hl7v2;
  message.arrival.draft.body = *body;
  auto result = (*transformation)->run({message});
  REQUIRE(result.state == RunState::Passed);
  CHECK(result.outputs[0].body.is_staged());
  auto edited = read_content(result.outputs[0].body, &staging.store);
  REQUIRE(edited);
  text.replace(text.find("|A|"), 3, "|LONGER|");
  CHECK(**edited == text);
}
