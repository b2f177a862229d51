#include "connectors/dicom/services.h"

#include "connectors/dicom/command.h"

namespace causeway::connectors::dicom {

bool Services::have(Service service) const {
  switch (service) {
    case Service::Worklist:
      return worklist;
    case Service::Query:
      return queries;
    case Service::ProcedureStep:
      return procedure_steps;
    case Service::Commitment:
      return commitment;
  }
  return false;
}

std::optional<Service> service_of(std::string_view sop_class) {
  if (sop_class == worklist_class) return Service::Worklist;
  if (sop_class == patient_root_find || sop_class == study_root_find) return Service::Query;
  if (sop_class == procedure_step_class) return Service::ProcedureStep;
  if (sop_class == commitment_class) return Service::Commitment;
  return std::nullopt;
}

bool has_operation(Service service, std::uint16_t field) {
  if (is_query(service)) return field == commands::find;
  if (service == Service::Commitment) return field == commands::action;
  return field == commands::create || field == commands::set;
}

std::string_view operation_name(std::uint16_t field) {
  switch (field) {
    case commands::find:
      return "find";
    case commands::create:
      return "create";
    case commands::set:
      return "set";
    case commands::action:
      return "action";
    default:
      return {};
  }
}

}  // namespace causeway::connectors::dicom
