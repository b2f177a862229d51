#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

#include "engine/channel/message_keys.h"
#include "tests/support/events.h"
#include "tests/support/memory_store.h"

namespace causeway::channel {
namespace {

struct Keys {
  test::MemoryDisk disk;
  simulation::Events events{1};
  test::MemoryStore store{disk, {.schedule = [](const auto&) {}, .clock = &events}};
  KeyRules rules;

  Keys() {
    rules.order = Order::Keyed;
    rules.order_by = *hl7v2::parse_path("PID-3.1");
    rules.merges = standard_merges(rules.order_by);
    rules.search = {*hl7v2::parse_path("PID-3.1"), *hl7v2::parse_path("MSH-10")};
  }
  Arrival read(const std::string& text) {
    Arrival arrival;
    arrival.channel = ChannelId{3};
    arrival.draft.content_type = ContentType::Hl7v2;
    arrival.draft.body = Body(make_bytes(text));
    read_keys(rules, store, arrival);
    return arrival;
  }
  std::uint64_t lane(const std::string& value) { return store.hash("lane", value); }
};

const std::string head = "MSH|^~\\&|A|F|B|G|20260101||";

TEST_CASE_METHOD(Keys, "a message's lane, terms, control id and type are read off its bytes") {
  auto arrival = read(head + "ADT^A01|C1|P|2.5\rPID|1||111^^^H~222^^^X\r");
  CHECK(arrival.order_keys == OrderKeys{lane("111")});
  CHECK(arrival.control_id == "C1");
  CHECK(arrival.type == "ADT^A01");
  std::set<std::string> terms;
  for (const auto& term : arrival.terms) terms.insert(term.path + "=" + term.value);
  CHECK(terms == std::set<std::string>{"PID-3.1=111", "PID-3.1=222", "MSH-10=C1"});
  CHECK(arrival.flags == 0);
}

TEST_CASE_METHOD(Keys, "a merge belongs to both patients' lanes") {
  auto arrival = read(head + "ADT^A40|C2|P|2.5\rPID|1||111\rMRG|333\r");
  CHECK(arrival.order_keys == OrderKeys{lane("111"), lane("333")});
}

TEST_CASE_METHOD(Keys, "the same message has the same duplicate key; another body another print") {
  auto one = read(head + "ADT^A01|C1|P|2.5\rPID|1||111\r");
  auto again = read(head + "ADT^A01|C1|P|2.5\rPID|1||111\r");
  auto other = read(head + "ADT^A01|C1|P|2.5\rPID|1||112\r");
  auto unnamed = read(head + "ADT^A01||P|2.5\rPID|1||112\r");
  CHECK(one.duplicate == again.duplicate);
  CHECK(one.duplicate.key == other.duplicate.key);
  CHECK(one.duplicate.fingerprint != other.duplicate.fingerprint);
  CHECK(unnamed.duplicate.key == 0);
}

TEST_CASE_METHOD(Keys, "what can't be read is flagged and kept in the channel's own lane") {
  auto arrival = read("garbage");
  CHECK(arrival.flags == message_flags::unreadable);
  CHECK(arrival.order_keys.size() == 1);
  CHECK(arrival.order_keys == read("more garbage").order_keys);
  CHECK(read(head + "ADT^A01|C1|P|2.5\rPV1|1\r").order_keys == arrival.order_keys);
}

std::string dicom_file(const std::string& name) {
  std::ifstream file("tests/support/dicom/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST_CASE_METHOD(Keys, "a DICOM object's lane and terms are read by its own paths") {
  rules.dicom_order_by = *dicom::parse_path("PatientID");
  rules.dicom_search = {*dicom::parse_path("PatientID"),
                        *dicom::parse_path("BeamSequence.ControlPointSequence.NominalBeamEnergy"),
                        *dicom::parse_path("(0008,0016)")};
  Arrival arrival;
  arrival.channel = ChannelId{3};
  arrival.draft.content_type = ContentType::Dicom;
  arrival.draft.body = Body(make_bytes(dicom_file("rtplan.dcm")));
  read_keys(rules, store, arrival);
  CHECK(arrival.order_keys == OrderKeys{lane("id00001")});
  CHECK(arrival.type == "RTPLAN^RTPlanStorage");
  CHECK(arrival.control_id == "1.2.777.777.77.7.7777.7777.20030903150023");
  CHECK(arrival.flags == 0);
  CHECK(arrival.duplicate.key != 0);
  std::set<std::string> terms;
  for (const auto& term : arrival.terms) terms.insert(term.path + "=" + term.value);
  CHECK(terms == std::set<std::string>{
                     "PatientID=id00001",
                     "BeamSequence.ControlPointSequence.NominalBeamEnergy=6.00000000000000",
                     "SOPClassUID=1.2.840.10008.5.1.4.1.1.481.5"});
}

TEST_CASE_METHOD(Keys, "what can't be read as DICOM is marked, and kept in the channel's lane") {
  Arrival arrival;
  arrival.draft.content_type = ContentType::Dicom;
  arrival.draft.body = Body(make_bytes("no DICOM"));
  read_keys(rules, store, arrival);
  CHECK((arrival.flags & message_flags::unreadable) != 0);
  CHECK(arrival.order_keys.size() == 1);
  CHECK(arrival.duplicate.key == 0);
}

TEST_CASE_METHOD(Keys, "order and search by a path through groups follow the structure") {
  rules.order_by = *hl7v2::parse_path("ORDER_OBSERVATION[2]/OBR-3.1");
  rules.merges.clear();
  rules.search = {*hl7v2::parse_path("ORDER_OBSERVATION/OBX-3.1"),
                  *hl7v2::parse_path("PATIENT/NTE-3"), *hl7v2::parse_path("SPECIMEN/SPM-2")};
  auto arrival = read(
      head +
      "ORU^R01^ORU_R01|C1|P|2.5.1\rPID|1\rNTE|1||patient\rOBR|1||F1^A\rNTE|1||order\rOBX|1||a~b\r"
      "OBR|2||F2^A\rOBX|1||c\rOBX|2||\r");
  CHECK(arrival.order_keys == OrderKeys{lane("F2")});
  std::string found;
  for (const auto& term : arrival.terms) found += term.path + "=" + term.value + ";";
  CHECK(found ==
        "ORDER_OBSERVATION/OBX-3.1=a;ORDER_OBSERVATION/OBX-3.1=b;ORDER_OBSERVATION/OBX-3.1=c;"
        "PATIENT/NTE-3=patient;");
  CHECK(read("no message").terms.empty());
}

}  // namespace
}  // namespace causeway::channel
