// What a source can serve besides storage: queries, procedure steps, commitment. Plain values, pure
// functions; thread-safe.
//
// Standard: DICOM PS3.4 annexes C (queries), F.7 (modality performed procedure step), J (storage
// commitment, push model), K (modality worklist).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace causeway::connectors::dicom {

enum class Service : std::uint8_t { Worklist, Query, ProcedureStep, Commitment };

/// Those that a source takes.
struct Services {
  bool storage = true;
  bool worklist = false;
  bool queries = false;
  bool procedure_steps = false;
  bool commitment = false;

  bool have(Service service) const;
};

inline constexpr std::string_view worklist_class = "1.2.840.10008.5.1.4.31";
inline constexpr std::string_view patient_root_find = "1.2.840.10008.5.1.4.1.2.1.1";
inline constexpr std::string_view study_root_find = "1.2.840.10008.5.1.4.1.2.2.1";
inline constexpr std::string_view patient_root_move = "1.2.840.10008.5.1.4.1.2.1.2";
inline constexpr std::string_view study_root_move = "1.2.840.10008.5.1.4.1.2.2.2";
inline constexpr std::string_view procedure_step_class = "1.2.840.10008.3.1.2.3.3";
inline constexpr std::string_view commitment_class = "1.2.840.10008.1.20.1";
/// The one instance of that class, which all requests are about.
inline constexpr std::string_view commitment_instance = "1.2.840.10008.1.20.1.1";

/// nullopt: another, such as storage.
std::optional<Service> service_of(std::string_view sop_class);
inline bool is_query(Service service) {
  return service == Service::Worklist || service == Service::Query;
}
/// Whether the service has this request (commands::find, create, set, action).
bool has_operation(Service service, std::uint16_t command_field);
/// As scripts know it: "find", "create", "set", "action"; empty: it is none of a service.
std::string_view operation_name(std::uint16_t command_field);

}  // namespace causeway::connectors::dicom
