// DICOM: what queries, procedure steps and requests for commitment are answered, and data sets as
// JSON.
#include <catch2/catch.hpp>

#include "connectors/dicom/answer.h"
#include "connectors/dicom/data_set_json.h"
#include "connectors/dicom/pdu.h"
#include "connectors/dicom/services.h"
#include "engine/config/revision_hash.h"
#include "engine/formats/dicom/file.h"

namespace causeway::connectors::dicom {
namespace {

constexpr char implicit[] = "1.2.840.10008.1.2";
constexpr char explicit_le[] = "1.2.840.10008.1.2.1";

config::Value json(const std::string& text) {
  auto value = config::parse_json(text, "test");
  REQUIRE(value.ok());
  return *value;
}

std::string as_text(const std::string& data_set, std::string_view syntax) {
  const auto value = data_set_as_json(data_set, syntax);
  REQUIRE(value.ok());
  return config::canonical_json(*value);
}

std::string request(std::string_view sop_class, const std::string& text) {
  auto file = causeway::dicom::make_file_head({.sop_class = std::string(sop_class),
                                               .sop_instance = {},
                                               .transfer_syntax = implicit,
                                               .source_title = "CT1"});
  return file + *encode_data_set(json(text), implicit);
}

Verdict saying(const std::string& text) {
  Verdict verdict;
  verdict.verbatim = make_bytes(text);
  return verdict;
}

struct Received {
  std::vector<Command> commands;
  std::vector<std::string> data_sets;
};

Received taken_apart(std::string_view bytes) {
  Received received;
  PduReader reader(1 << 20);
  std::string command, data_set;
  while (auto pdu = reader.next(bytes)) {
    auto body = pdu->body;
    while (const auto value = next_data_value(body)) {
      (value->is_command ? command : data_set) += value->fragment;
      if (!value->is_last) continue;
      if (value->is_command)
        received.commands.push_back(*read_command(std::exchange(command, {})));
      else
        received.data_sets.push_back(std::exchange(data_set, {}));
    }
  }
  return received;
}

Asked asked(std::uint16_t field, std::string_view sop_class) {
  Asked made;
  made.request.field = field;
  made.request.message_id = 7;
  made.request.sop_class = sop_class;
  made.context = 3;
  made.transfer_syntax = implicit;
  return made;
}

TEST_CASE("DICOM data sets as JSON: there and back, in both encodings") {
  const std::string text =
      R"({"SpecificCharacterSet":"ISO_IR 192","Modality":"CT","PatientName":"Dö^J",)"
      R"("OtherPatientNames":["A^B","C^D"],"Rows":512,"PixelSpacing":["0.5","0.25"],)"
      R"("ScheduledProcedureStepSequence":[{"Modality":"CT","ScheduledStationAETitle":null},{}],)"
      R"("ReferencedStudySequence":[]})";
  for (const auto* syntax : {implicit, explicit_le}) {
    const auto encoded = encode_data_set(json(text), syntax);
    REQUIRE(encoded.ok());
    const auto back = json(as_text(*encoded, syntax));
    CHECK(*back.find("PatientName")->string() == "Dö^J");
    CHECK(*back.find("Rows")->integer() == 512);
    CHECK(back.find("OtherPatientNames")->list()->size() == 2);
    CHECK(*back.find("PixelSpacing")->list()->front().string() == "0.5");
    const auto& steps = *back.find("ScheduledProcedureStepSequence")->list();
    REQUIRE(steps.size() == 2);
    CHECK(*steps[0].find("Modality")->string() == "CT");
    CHECK(steps[0].find("ScheduledStationAETitle"));
    CHECK(back.find("ReferencedStudySequence")->list()->empty());
    // What was read is written the same.
    CHECK(*encode_data_set(back, syntax) == *encoded);
  }
  const auto by_number = encode_data_set(json(R"({"00100020": "P1"})"), implicit);
  CHECK(json(as_text(*by_number, implicit)).find("PatientID"));
}

TEST_CASE("DICOM data sets as JSON: what is wrong is told by its place, without its value") {
  const auto error = [](const std::string& text) {
    const auto encoded = encode_data_sets(text, implicit);
    REQUIRE_FALSE(encoded.ok());
    return encoded.error().str();
  };
  CHECK(error(R"([{}, {"PatientNam": "DOE"}])").find("[1] PatientNam") != std::string::npos);
  CHECK(error(R"([{"ScheduledProcedureStepSequence": [{"Rows": {}}]}])")
            .find("ScheduledProcedureStepSequence[0].Rows") != std::string::npos);
  CHECK(error(R"([{"Rows": "DOE"}])").find("DOE") == std::string::npos);
  CHECK(error(R"([{"PixelData": "x"}])").find("PixelData") != std::string::npos);
  CHECK_FALSE(encode_data_sets("[1]", implicit).ok());
  CHECK_FALSE(encode_data_sets("[", implicit).ok());
}

TEST_CASE("DICOM queries: the script's list becomes pending answers and the last one") {
  const auto message = request(worklist_class, R"({"PatientID": ""})");
  const auto composed =
      compose_answer(message, saying(R"([{"PatientID": "P1"}, {"PatientID": "P2"}])"));
  CHECK(composed.front() == '[');
  const auto answer = answer_pdus(asked(commands::find, worklist_class), composed, 64);
  CHECK_FALSE(answer.reports);
  const auto received = taken_apart(answer.bytes);
  REQUIRE(received.commands.size() == 3);
  REQUIRE(received.data_sets.size() == 2);
  CHECK(received.commands[0].status == statuses::pending);
  CHECK(received.commands[0].has_data_set);
  CHECK(received.commands[0].message_id == 7);
  CHECK(received.commands[2].status == statuses::success);
  CHECK_FALSE(received.commands[2].has_data_set);
  CHECK(as_text(received.data_sets[1], implicit).find("\"P2\"") != std::string::npos);

  const auto none = taken_apart(answer_pdus(asked(commands::find, worklist_class), "[]", 0).bytes);
  REQUIRE(none.commands.size() == 1);
  CHECK(none.commands[0].status == statuses::success);
}

TEST_CASE("DICOM queries: no answer, or one that can't be sent, is a failure and no empty list") {
  const auto message = request(study_root_find, R"({"PatientID": ""})");
  CHECK(compose_answer(message, Verdict{}).starts_with("C001"));
  CHECK(compose_answer(message, saying("nobody")).starts_with("C001"));
  CHECK(compose_answer(message, saying(R"([{"PatientNam": 1}])")).starts_with("C001"));
  CHECK(compose_answer(message, saying("A700 busy")) == "A700 busy");
  Verdict away;
  away.code = Verdict::Code::Reject;
  CHECK(compose_answer(message, away).starts_with("A700"));
}

TEST_CASE("DICOM procedure steps: statuses of their own service") {
  const auto message = request(procedure_step_class, "{}");
  CHECK(compose_answer(message, Verdict{}) == "0000");
  Verdict verdict;
  verdict.code = Verdict::Code::Reject;
  CHECK(compose_answer(message, verdict) == "0213");
  verdict.code = Verdict::Code::Error;
  CHECK(compose_answer(message, verdict) == "0110");
  auto step = asked(commands::create, procedure_step_class);
  step.request.sop_instance = "1.2.3";
  const auto created = taken_apart(answer_pdus(step, "0000", 0).bytes);
  CHECK(created.commands.at(0).field == (commands::create | commands::response_bit));
  CHECK(created.commands.at(0).sop_instance == "1.2.3");
}

const std::string to_commit = R"({"TransactionUID": "1.2.9", "ReferencedSOPSequence": [
    {"ReferencedSOPClassUID": "1.2.840.10008.5.1.4.1.1.7", "ReferencedSOPInstanceUID": "1.2.3"},
    {"ReferencedSOPClassUID": "1.2.840.10008.5.1.4.1.1.7", "ReferencedSOPInstanceUID": "1.2.4"}]})";

TEST_CASE("DICOM commitment: what the script doesn't vouch for is reported as failed") {
  const auto message = request(commitment_class, to_commit);
  const auto composed = compose_answer(message, saying(R"({"committed": ["1.2.4", "1.2.77"]})"));
  auto action = asked(commands::action, commitment_class);
  action.request.kind = 1;
  const auto answer = answer_pdus(action, composed, 0);
  CHECK(answer.reports);
  const auto received = taken_apart(answer.bytes);
  REQUIRE(received.commands.size() == 2);
  CHECK(received.commands[0].field == (commands::action | commands::response_bit));
  CHECK(received.commands[0].status == statuses::success);
  CHECK(received.commands[1].field == commands::report);
  CHECK(received.commands[1].kind == 2);
  CHECK(received.commands[1].sop_instance == commitment_instance);
  const auto report = json(as_text(received.data_sets.at(0), implicit));
  CHECK(*report.find("TransactionUID")->string() == "1.2.9");
  const auto& good = *report.find("ReferencedSOPSequence")->list();
  const auto& bad = *report.find("FailedSOPSequence")->list();
  REQUIRE(good.size() == 1);
  REQUIRE(bad.size() == 1);
  CHECK(*good[0].find("ReferencedSOPInstanceUID")->string() == "1.2.4");
  CHECK(*bad[0].find("ReferencedSOPInstanceUID")->string() == "1.2.3");
  CHECK(*bad[0].find("FailureReason")->integer() == 0x0112);

  const auto all = answer_pdus(
      action, compose_answer(message, saying(R"({"committed": ["1.2.3", "1.2.4"]})")), 0);
  CHECK(taken_apart(all.bytes).commands.at(1).kind == 1);
}

TEST_CASE("DICOM commitment: without an answer that lists instances nothing is promised") {
  const auto message = request(commitment_class, to_commit);
  CHECK(compose_answer(message, Verdict{}).starts_with("C001"));
  CHECK(compose_answer(message, saying(R"({"committed": true})")).starts_with("0110"));
  CHECK(compose_answer(message, saying("0000")) == "0000");
  CHECK(compose_answer(request(commitment_class, "{}"), saying(R"({"committed": []})"))
            .starts_with("0106"));
}

}  // namespace
}  // namespace causeway::connectors::dicom
