// What goes into sealed columns comes out again, and damaged bytes are refused.
#include "engine/store/journal/records.h"

#include <catch2/catch.hpp>

#include "engine/core/limits.h"
#include "engine/store/journal/packing.h"

namespace causeway::store {
namespace {

TEST_CASE("numbers and texts are packed and unpacked") {
  Packer packer;
  packer.number(0).number(127).number(128).number(UINT64_MAX).text("").text("ab").rest("rest");
  const auto bytes = packer.take();
  Unpacker reader(bytes);
  for (std::uint64_t value : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, UINT64_MAX})
    CHECK(reader.number() == value);
  CHECK(reader.text().empty());
  CHECK(reader.text() == "ab");
  CHECK(reader.rest() == "rest");
  CHECK(reader.ok());
}

TEST_CASE("a length beyond the end, or a number without one, is refused") {
  Unpacker too_long(
      "\x05"
      "abc");
  CHECK(too_long.text().empty());
  CHECK_FALSE(too_long.ok());
  CHECK(too_long.number() == 0);
  const std::string endless(11, '\xff');
  Unpacker number(endless);
  CHECK(number.number() == 0);
  CHECK_FALSE(number.ok());
}

TEST_CASE("steps keep their errors, and long logs are cut") {
  std::vector<Step> steps(2);
  steps[0].stage = "filter";
  steps[0].log = std::string(limits::step_log_bytes + 10, 'x');
  steps[1].error = Error{ErrorKind::Script, "main.js:3", "boom"};
  steps[1].took = std::chrono::microseconds(12);
  const auto read = unpack_steps(pack_steps(steps));
  REQUIRE(read);
  REQUIRE(read->steps.size() == 2);
  CHECK(read->steps[0].log.size() == limits::step_log_bytes);
  REQUIRE(read->steps[1].error);
  CHECK(read->steps[1].error->kind == ErrorKind::Script);
  CHECK(read->steps[1].error->str() == "main.js:3: boom");
  CHECK(read->steps[1].took.count() == 12);
  CHECK(read->inputs.empty());
  CHECK_FALSE(unpack_steps("\x02"));
}

TEST_CASE("what a run was told stands behind its steps, and costs nothing where there is none") {
  std::vector<Step> steps(1);
  CHECK(pack_steps(steps, {}).size() == 5);
  const std::vector<RecordedInput> inputs{{"", "counter", nullptr},
                                          {"look_up", "MRN", make_bytes("answer")}};
  const auto read = unpack_steps(pack_steps(steps, inputs));
  REQUIRE(read);
  CHECK(read->steps.size() == 1);
  REQUIRE(read->inputs.size() == 2);
  CHECK(read->inputs[0].name == "counter");
  CHECK_FALSE(read->inputs[0].bytes);
  CHECK(read->inputs[1].stage == "look_up");
  CHECK(*read->inputs[1].bytes == "answer");
  const auto state = unpack_state(pack_state({"name", "value"}));
  REQUIRE(state);
  CHECK(state->name == "name");
  CHECK(state->value == "value");
  CHECK_FALSE(unpack_state("\x05"));
}

TEST_CASE("deliveries keep their numbers in the clear, and their bytes apart") {
  std::vector<DeliveryRecord> records(3);
  records[0].body = Body(make_bytes("own"));
  records[0].armed = true;
  records[0].order_keys = {1, UINT64_MAX};
  records[1].same_as_input = true;
  records[1].flags = 16;
  records[2].body = Body(BodyId{77}, 1'000'000);
  const auto read = unpack_deliveries(pack_deliveries(records));
  REQUIRE(read);
  REQUIRE(read->size() == 3);
  CHECK(read->at(0).armed);
  CHECK(read->at(0).has_output());
  CHECK(read->at(0).order_keys == records[0].order_keys);
  CHECK(read->at(1).same_as_input);
  CHECK_FALSE(read->at(1).has_output());
  CHECK(read->at(1).flags == 16);
  CHECK(read->at(2).staged == BodyId{77});
  CHECK(read->at(2).body_bytes == 1'000'000);
  CHECK_FALSE(read->at(2).has_output());
  const auto packed = pack_outputs(records);
  const auto outputs = unpack_outputs(packed);
  REQUIRE(outputs);
  CHECK(*outputs == std::vector<std::string_view>{"own"});
  CHECK(pack_deliveries(records).find("own") == std::string::npos);
}

TEST_CASE("attributes are packed with the message and with the outputs") {
  Arrival arrival;
  arrival.draft.body = Body(make_bytes("body"));
  arrival.draft.attributes =
      std::make_shared<const Attributes>(Attributes{{"path", "/a"}, {"query.x", ""}});
  const auto packed = pack_message(arrival);
  Arrival read;
  REQUIRE(unpack_message(packed, read));
  CHECK(*read.draft.attributes == *arrival.draft.attributes);
  CHECK(read.draft.body.view() == "body");
  CHECK(*packed_body(packed) == "body");

  std::vector<DeliveryRecord> records(2);
  records[0].same_as_input = true;
  records[0].attributes = arrival.draft.attributes;
  records[1].body = Body(make_bytes("own"));
  const auto deliveries = unpack_deliveries(pack_deliveries(records));
  REQUIRE(deliveries);
  CHECK(deliveries->at(0).has_attributes);
  CHECK_FALSE(deliveries->at(1).has_attributes);
  const auto packed_outputs = pack_outputs(records);
  const auto pieces = unpack_outputs(packed_outputs);
  REQUIRE(pieces);
  REQUIRE(pieces->size() == 2);
  const auto attributes = unpack_attributes(pieces->at(0));
  REQUIRE(attributes);
  CHECK(**attributes == *arrival.draft.attributes);
  CHECK_FALSE(unpack_attributes("\xff"));
}

TEST_CASE("order keys that are those of the delivery before take no bytes of their own") {
  std::vector<DeliveryRecord> records(3);
  for (auto& record : records) record.order_keys = {UINT64_MAX, 7};
  records[2].order_keys = {8};
  const auto packed = pack_deliveries(records);
  const auto one = pack_deliveries({records[0]}).size();
  CHECK(packed.size() < one * 2 + 2);
  const auto read = unpack_deliveries(packed);
  REQUIRE(read);
  for (std::size_t i = 0; i < 3; ++i) CHECK(read->at(i).order_keys == records[i].order_keys);
  // There is no delivery before the first; and no keys beyond those that a message may have.
  CHECK_FALSE(unpack_deliveries(std::string_view("\x08\0\0\0", 4)));
  CHECK_FALSE(unpack_deliveries(std::string("\0\0\0\0\x09", 5) + std::string(9, '\1')));
}

TEST_CASE("an attempt without words takes no bytes") {
  AttemptRecord attempt;
  CHECK(pack_attempt(attempt).empty());
  attempt.response = std::string(limits::response_bytes + 1, 'r');
  attempt.text = "why";
  AttemptRecord read;
  REQUIRE(unpack_attempt(pack_attempt(attempt), read));
  CHECK(read.response.size() == limits::response_bytes);
  CHECK(read.text == "why");
}

}  // namespace
}  // namespace causeway::store
