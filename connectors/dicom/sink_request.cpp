#include "connectors/dicom/sink_request.h"

#include "connectors/dicom/data_set_json.h"
#include "connectors/dicom/services.h"
#include "engine/formats/dicom/file.h"

namespace causeway::connectors::dicom {
namespace {

constexpr std::uint16_t all_committed = 1, some_failed = 2;  // kinds of events

Error invalid(std::string text) {
  return {ErrorKind::Invalid, "", std::move(text)};
}

std::string attribute(const StoredDelivery& delivery, std::string_view name) {
  const auto* value = find_attribute(delivery.attributes, name);
  return value ? *value : std::string();
}

/// The destination's, or else what the message was.
std::string operation_of(const StoredDelivery& delivery, const SinkSettings& settings) {
  if (!settings.operation.empty()) return settings.operation;
  auto operation = attribute(delivery, "operation");
  return operation.empty() ? "store" : operation;
}

std::uint16_t field_named(std::string_view operation) {
  if (operation == "store") return commands::store;
  if (operation == "find") return commands::find;
  if (operation == "move") return commands::move;
  if (operation == "create") return commands::create;
  if (operation == "set") return commands::set;
  return operation == "report" ? commands::report : 0;
}

bool looks_like_json(std::string_view begin) {
  const auto first = begin.find_first_not_of(" \t\r\n");
  return first != begin.npos && begin[first] == '{';
}

std::string_view class_of_query(const SinkSettings& settings, bool moves) {
  using Model = SinkSettings::Model;
  if (settings.model == Model::Worklist) return worklist_class;
  if (settings.model == Model::PatientRoot) return moves ? patient_root_move : patient_root_find;
  return moves ? study_root_move : study_root_find;
}

/// The request's class and instance, where its file doesn't say them.
void fill_in_names(const SinkSettings& settings, Job& job) {
  auto& command = job.command;
  switch (command.field) {
    case commands::find:
    case commands::move:
      command.sop_instance.clear();
      if (command.sop_class.empty() || command.field == commands::move)
        command.sop_class = class_of_query(settings, command.field == commands::move);
      break;
    case commands::create:
    case commands::set:
      if (command.sop_class.empty()) command.sop_class = procedure_step_class;
      if (command.sop_instance.empty())
        command.sop_instance = attribute(job.delivery, "sop_instance");
      break;
    case commands::report:
      command.sop_class = commitment_class;
      command.sop_instance = commitment_instance;
      break;
    default:
      break;
  }
}

Status fill_in_kind(std::string_view data_set, Job& job) {
  job.kind.as_provider = job.command.field == commands::report;
  if (job.command.field != commands::report) return Done{};
  const auto report = data_set_as_json(data_set, job.kind.transfer_syntax);
  if (!report) return report.error();
  job.command.kind = report->find("FailedSOPSequence") ? some_failed : all_committed;
  return Done{};
}

/// A data set in JSON becomes what a file would have been.
Result<std::string> file_of(std::string_view json) {
  const auto parsed = config::parse_json(json, "body");
  if (!parsed) return parsed.error();
  auto data_set = encode_data_set(*parsed, causeway::dicom::uids::implicit_little_endian);
  if (!data_set) return data_set.error();
  return causeway::dicom::make_file_head(
             {.sop_class = {},
              .sop_instance = {},
              .transfer_syntax = std::string(causeway::dicom::uids::implicit_little_endian),
              .source_title = {}}) +
         *data_set;
}

Status check_names(const Job& job) {
  const bool needs_instance =
      job.command.field != commands::find && job.command.field != commands::move;
  if (causeway::dicom::is_uid(job.command.sop_class) &&
      (!needs_instance || causeway::dicom::is_uid(job.command.sop_instance)))
    return Done{};
  return invalid(job.is_stored() ? "the file's meta group doesn't say its SOP class and instance"
                                 : "it doesn't say which SOP instance it is about");
}

}  // namespace

bool needs_whole_body(const StoredDelivery& delivery, const SinkSettings& settings) {
  return field_named(operation_of(delivery, settings)) != commands::store;
}

Status read_request(std::string_view begin, const SinkSettings& settings, Job& job) {
  const auto operation = operation_of(job.delivery, settings);
  job.command = Command{};
  job.command.field = field_named(operation);
  job.command.has_data_set = true;
  if (job.command.field == 0) return invalid("it asks for no operation of DICOM");
  if (!job.is_stored() && looks_like_json(begin)) {
    auto file = file_of(begin);
    if (!file) return file.error();
    job.delivery.body = Body(make_bytes(std::move(*file)));
    begin = job.delivery.body.view();
  }
  auto head = causeway::dicom::read_file_head(begin);
  if (!head) return head.error();
  job.command.sop_class = std::move(head->sop_class);
  job.command.sop_instance = std::move(head->sop_instance);
  job.data_set_begin = head->data_set_begin;
  job.kind.transfer_syntax = std::move(head->transfer_syntax);
  fill_in_names(settings, job);
  job.kind.sop_class = job.command.sop_class;
  if (job.command.field == commands::move) job.command.destination = settings.move_destination;
  if (auto named = check_names(job); !named) return named;
  return job.is_stored() ? Status(Done{}) : fill_in_kind(begin.substr(job.data_set_begin), job);
}

}  // namespace causeway::connectors::dicom
