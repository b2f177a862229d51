#include "connectors/dicom/answer.h"

#include <algorithm>

#include "connectors/dicom/data_set_json.h"
#include "connectors/dicom/pdu.h"
#include "connectors/dicom/services.h"
#include "connectors/dicom/status.h"
#include "engine/config/revision_hash.h"
#include "engine/formats/dicom/file.h"

namespace causeway::connectors::dicom {
namespace {

using config::Value;

constexpr std::uint16_t all_committed = 1, some_failed = 2;  // kinds of events (PS3.4 annex J.3.3)
constexpr std::int64_t no_such_instance = 0x0112;            // a FailureReason
constexpr std::uint16_t report_message_id = 1;

std::string in_words(std::uint16_t status, std::string text) {
  return write_status_line({status, std::move(text)});
}

std::string no_answer() {
  return in_words(statuses::unable_to_process, "the channel gave no answer");
}

bool is_json(std::string_view text) {
  return text.starts_with('[') || text.starts_with('{');
}

/// Statuses of the services with instances (N-CREATE, N-SET, N-ACTION), which have their own.
StatusLine status_of_service(const Verdict& verdict) {
  auto line = status_of(verdict);
  if (line.status == statuses::out_of_resources) line.status = statuses::resource_limitation;
  if (line.status == statuses::cannot_understand) line.status = statuses::invalid_attribute;
  return line;
}

std::string compose_matches(const causeway::dicom::FileHead& head, const Verdict& verdict) {
  if (!verdict.verbatim)
    return verdict.code == Verdict::Code::Accept ? no_answer()
                                                 : write_status_line(status_of(verdict));
  if (!is_json(*verdict.verbatim)) {
    const auto line = read_status_line(*verdict.verbatim);
    return line ? write_status_line(*line)
                : in_words(statuses::unable_to_process, "the answer is no list of data sets");
  }
  const auto encoded = encode_data_sets(*verdict.verbatim, head.transfer_syntax);
  if (!encoded) return in_words(statuses::unable_to_process, "answer: " + encoded.error().str());
  return *verdict.verbatim;
}

/// The UIDs in the answer {"committed": ["1.2.3"]}; nullopt: it isn't of this form.
std::optional<std::vector<std::string>> committed_in(std::string_view json) {
  const auto answer = config::parse_json(json, "answer");
  const auto* given = answer && answer->object() ? answer->find("committed") : nullptr;
  if (!given || !given->list()) return std::nullopt;
  std::vector<std::string> uids;
  for (const auto& each : *given->list()) {
    if (!each.string()) return std::nullopt;
    uids.push_back(*each.string());
  }
  std::sort(uids.begin(), uids.end());
  return uids;
}

/// Those of the request's references that are committed, and those that aren't, with a reason.
std::string report_on(const Value& request, const std::vector<std::string>& committed) {
  const auto* transaction = request.find("TransactionUID");
  const auto* references = request.find("ReferencedSOPSequence");
  if (!transaction || !references || !references->list())
    return in_words(statuses::invalid_attribute, "it names no transaction, or no instances");
  const Value reason(no_such_instance, {});
  Value::List good, bad;
  for (const auto& reference : *references->list()) {
    const auto* uid = reference.find("ReferencedSOPInstanceUID");
    const bool is_good = uid && uid->string() &&
                         std::binary_search(committed.begin(), committed.end(), *uid->string());
    if (is_good) {
      good.push_back(reference);
    } else if (reference.object()) {
      auto failed = *reference.object();
      failed.emplace_back("FailureReason", reason);
      bad.emplace_back(std::move(failed), config::Place{});
    }
  }
  Value::Object report{{"TransactionUID", *transaction}};
  if (!good.empty()) report.emplace_back("ReferencedSOPSequence", Value(std::move(good), {}));
  if (!bad.empty()) report.emplace_back("FailedSOPSequence", Value(std::move(bad), {}));
  return config::canonical_json(Value(std::move(report), {}));
}

std::string compose_report(std::string_view message, const causeway::dicom::FileHead& head,
                           const Verdict& verdict) {
  if (!verdict.verbatim || !is_json(*verdict.verbatim)) {
    if (verdict.code == Verdict::Code::Accept && !verdict.verbatim) return no_answer();
    return write_status_line(status_of_service(verdict));
  }
  const auto committed = committed_in(*verdict.verbatim);
  if (!committed)
    return in_words(statuses::processing_failure, "the answer doesn't list what is committed");
  const auto request = data_set_as_json(message.substr(head.data_set_begin), head.transfer_syntax);
  if (!request) return in_words(statuses::invalid_attribute, "the request can't be read");
  const auto report = report_on(*request, *committed);
  if (!is_json(report)) return report;
  const auto encoded = encode_data_sets(report, head.transfer_syntax);
  return encoded ? report : in_words(statuses::invalid_attribute, encoded.error().str());
}

void put_command(std::string& out, const Asked& asked, const Command& command,
                 std::size_t pdu_bytes_max) {
  out += command_pdus(asked.context, write_command(command), pdu_bytes_max);
}

AnswerPdus status_pdus(const Asked& asked, const StatusLine& line, std::size_t pdu_bytes_max) {
  AnswerPdus answer;
  auto response = response_to(asked.request, line.status);
  response.comment = line.comment;
  put_command(answer.bytes, asked, response, pdu_bytes_max);
  return answer;
}

AnswerPdus match_pdus(const Asked& asked, const std::vector<std::string>& matches,
                      std::size_t pdu_bytes_max) {
  AnswerPdus answer;
  auto pending = response_to(asked.request, statuses::pending);
  pending.has_data_set = true;
  for (const auto& match : matches) {
    put_command(answer.bytes, asked, pending, pdu_bytes_max);
    answer.bytes += data_set_pdus(asked.context, match, pdu_bytes_max);
  }
  put_command(answer.bytes, asked, response_to(asked.request, statuses::success), pdu_bytes_max);
  return answer;
}

AnswerPdus report_pdus(const Asked& asked, const std::string& report, bool has_failures,
                       std::size_t pdu_bytes_max) {
  auto answer = status_pdus(asked, {statuses::success, {}}, pdu_bytes_max);
  Command event;
  event.field = commands::report;
  event.message_id = report_message_id;
  event.has_data_set = true;
  event.sop_class = commitment_class;
  event.sop_instance = commitment_instance;
  event.kind = has_failures ? some_failed : all_committed;
  put_command(answer.bytes, asked, event, pdu_bytes_max);
  answer.bytes += data_set_pdus(asked.context, report, pdu_bytes_max);
  answer.reports = true;
  return answer;
}

}  // namespace

std::string compose_answer(std::string_view message, const Verdict& verdict) {
  const auto head = causeway::dicom::read_file_head(message);
  const auto service = head ? service_of(head->sop_class) : std::nullopt;
  if (!service) return write_status_line(status_of(verdict));
  if (is_query(*service)) return compose_matches(*head, verdict);
  if (*service == Service::Commitment) return compose_report(message, *head, verdict);
  return write_status_line(status_of_service(verdict));
}

AnswerPdus answer_pdus(const Asked& asked, std::string_view composed, std::size_t pdu_bytes_max) {
  if (!is_json(composed)) {
    const auto line = read_status_line(composed);
    return status_pdus(asked, line.value_or(StatusLine{statuses::processing_failure, {}}),
                       pdu_bytes_max);
  }
  const auto encoded = encode_data_sets(composed, asked.transfer_syntax);
  if (encoded && asked.request.field == commands::find)
    return match_pdus(asked, *encoded, pdu_bytes_max);
  if (encoded && asked.request.field == commands::action && encoded->size() == 1) {
    const auto report = config::parse_json(composed, "answer");
    return report_pdus(asked, encoded->front(), report && report->find("FailedSOPSequence"),
                       pdu_bytes_max);
  }
  return status_pdus(asked, {statuses::processing_failure, {}}, pdu_bytes_max);
}

}  // namespace causeway::connectors::dicom
