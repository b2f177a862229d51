// DICOM: who may open an association, what is accepted in it, and statuses.
#include <catch2/catch.hpp>

#include "connectors/dicom/rules.h"
#include "connectors/dicom/status.h"

namespace causeway::connectors::dicom {
namespace {

using Answer = PresentationContext::Answer;

constexpr char ct[] = "1.2.840.10008.5.1.4.1.1.2";
constexpr char find[] = "1.2.840.10008.5.1.4.1.2.1.1";
constexpr char jpeg[] = "1.2.840.10008.1.2.4.50";
constexpr char implicit[] = "1.2.840.10008.1.2";

Association asked() {
  return {"CAUSEWAY",
          "CT1",
          {{1, std::string(verification_class), {implicit}},
           {3, ct, {jpeg, implicit}},
           {5, find, {implicit}},
           {7, "1.2.840.113619.4.2", {implicit}}},
          16384};
}

SocketAddress address(const std::string& host) {
  return *SocketAddress::numeric(host, 104);
}

TEST_CASE("DICOM rules: without lists, whatever can be stored is accepted as it is") {
  const Rules rules;
  CHECK_FALSE(rules.refusal(asked()));
  const auto answers = rules.answers(asked());
  REQUIRE(answers.size() == 4);
  CHECK(answers[0].answer == Answer::Accepted);
  CHECK(answers[1].answer == Answer::Accepted);
  CHECK(answers[1].transfer_syntaxes == std::vector<std::string>{jpeg});
  CHECK(answers[2].answer == Answer::ClassNotSupported);
  CHECK(answers[3].answer == Answer::Accepted);
}

TEST_CASE("DICOM rules: services are taken where the source says so, in what is read here") {
  Association services{"CAUSEWAY",
                       "CT1",
                       {{1, std::string(worklist_class), {jpeg, implicit}},
                        {3, std::string(procedure_step_class), {jpeg}},
                        {5, ct, {implicit}}},
                       16384};
  Rules rules;
  CHECK(rules.answers(services)[0].answer == Answer::ClassNotSupported);
  rules.services = {.storage = false, .worklist = true, .procedure_steps = true};
  const auto answers = rules.answers(services);
  CHECK(answers[0].answer == Answer::Accepted);
  CHECK(answers[0].transfer_syntaxes == std::vector<std::string>{implicit});
  CHECK(answers[1].answer == Answer::TransferSyntaxesNotSupported);
  CHECK(answers[2].answer == Answer::ClassNotSupported);
}

TEST_CASE("DICOM rules: lists of titles, classes and transfer syntaxes") {
  Rules rules;
  rules.called_titles = {"OTHER"};
  REQUIRE(rules.refusal(asked()));
  CHECK(rules.refusal(asked())->reason == Rejection::Reason::CalledTitle);
  rules.called_titles = {"OTHER", "CAUSEWAY"};
  rules.calling_titles = {"MR1"};
  CHECK(rules.refusal(asked())->reason == Rejection::Reason::CallingTitle);
  rules.calling_titles.push_back("CT1");
  CHECK_FALSE(rules.refusal(asked()));
  rules.transfer_syntaxes = {implicit};
  CHECK(rules.answers(asked())[1].transfer_syntaxes == std::vector<std::string>{implicit});
  rules.transfer_syntaxes = {"1.2.840.10008.1.2.4.70"};
  CHECK(rules.answers(asked())[1].answer == Answer::TransferSyntaxesNotSupported);
  CHECK(rules.answers(asked())[0].answer == Answer::Accepted);
  rules.sop_classes = {"1.2.3"};
  CHECK(rules.answers(asked())[1].answer == Answer::ClassNotSupported);
}

TEST_CASE("DICOM rules: addresses and ranges of peers") {
  Rules rules;
  CHECK(rules.lets_in(address("192.0.2.7")));
  for (const auto* text : {"192.0.2.0/28", "2001:db8::/33"})
    rules.peers.push_back(*AddressRange::read(text));
  CHECK(rules.lets_in(address("192.0.2.15")));
  CHECK_FALSE(rules.lets_in(address("192.0.2.16")));
  CHECK(rules.lets_in(address("::ffff:192.0.2.7")));
  CHECK(rules.lets_in(address("2001:db8:7fff::1")));
  CHECK_FALSE(rules.lets_in(address("2001:db8:8000::1")));
  for (const auto* text : {"", "host", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/x", "::/129"})
    CHECK_FALSE(AddressRange::read(text).ok());
}

TEST_CASE("DICOM: an association is written and read again") {
  const auto pdu = make_associate_request(asked());
  const auto again = read_associate_request(std::string_view(pdu).substr(pdu_header_bytes));
  REQUIRE(again.ok());
  CHECK(again->called_title == "CAUSEWAY");
  CHECK(again->calling_title == "CT1");
  CHECK(again->pdu_bytes_max == 16384);
  REQUIRE(again->contexts.size() == 4);
  CHECK(again->contexts[1].id == 3);
  CHECK(again->contexts[1].transfer_syntaxes == std::vector<std::string>{jpeg, implicit});
  for (std::size_t cut = pdu_header_bytes; cut + 1 < pdu.size(); ++cut)
    (void)read_associate_request(
        std::string_view(pdu).substr(pdu_header_bytes, cut - pdu_header_bytes));
}

TEST_CASE("DICOM: statuses in words and numbers, and what they say of a try") {
  CHECK(write_status_line({0xA700, "archive is full"}) == "A700 archive is full");
  CHECK(read_status_line("C000")->status == 0xC000);
  CHECK(read_status_line("0107 x")->comment == "x");
  CHECK_FALSE(read_status_line("MSH|^~"));
  CHECK_FALSE(read_status_line("00000"));
  CHECK_FALSE(read_status_line(""));
  Verdict verdict;
  CHECK(status_of(verdict).status == statuses::success);
  verdict.code = Verdict::Code::Reject;
  verdict.kind = ErrorKind::Unavailable;
  CHECK(status_of(verdict).status == statuses::out_of_resources);
  verdict.code = Verdict::Code::Error;
  verdict.kind = ErrorKind::Script;
  CHECK(status_of(verdict).status == statuses::processing_failure);
  verdict.kind = ErrorKind::Invalid;
  CHECK(status_of(verdict).status == statuses::cannot_understand);
  verdict.verbatim = make_bytes("B000 coerced");
  CHECK(status_of(verdict).status == 0xB000);
  const StatusOutcomes outcomes;
  CHECK(outcomes.of(0xB007) == Outcome::Delivered);
  CHECK(outcomes.of(0xA701) == Outcome::Deferred);
  CHECK(outcomes.of(0xC123) == Outcome::Rejected);
  CHECK(outcomes.of(statuses::sop_class_not_supported) == Outcome::Rejected);
}

TEST_CASE("DICOM: a command longer than the peer's PDUs is split") {
  const std::string command(1000, 'c');
  const auto pdus = command_pdus(3, command, 100);
  PduReader reader(200);
  std::string joined;
  bool was_last = false;
  for (std::string_view bytes = pdus; auto pdu = reader.next(bytes);) {
    CHECK(pdu->body.size() <= 100);
    auto body = pdu->body;
    const auto value = next_data_value(body);
    REQUIRE(value);
    CHECK(value->context == 3);
    CHECK_FALSE(was_last);
    was_last = value->is_last;
    joined += value->fragment;
  }
  CHECK(joined == command);
  CHECK(was_last);
}

}  // namespace
}  // namespace causeway::connectors::dicom
