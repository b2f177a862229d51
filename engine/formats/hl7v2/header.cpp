// peek_header: the MSH segment in one pass.
#include "engine/formats/hl7v2/header.h"

#include "engine/formats/hl7v2/guard.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {

Result<Header> peek_header(std::string_view bytes) {
  if (const auto* wide = encoding::wide_character_set(bytes))
    return Error{ErrorKind::Invalid, "MSH",
                 "the message is in " + std::string(wide->name) + " and has to be converted first"};
  SegmentScanner segments(bytes, start_of_message(bytes));
  if (!segments.next()) return Error{ErrorKind::Invalid, "MSH", "the message is empty"};
  std::string_view msh = segments.text();
  auto delimiters = read_delimiters(msh);
  if (!delimiters) return std::move(delimiters).error();

  Header header;
  header.delimiters = *delimiters;
  std::string_view* const fields[] = {&header.sending_application,
                                      &header.sending_facility,
                                      &header.receiving_application,
                                      &header.receiving_facility,
                                      nullptr,  // MSH-7, date and time
                                      nullptr,  // MSH-8, security
                                      &header.type,
                                      &header.control_id,
                                      &header.processing_id,
                                      &header.version,
                                      nullptr,  // MSH-13, sequence number
                                      nullptr,  // MSH-14, continuation pointer
                                      &header.accept_ack_type,
                                      &header.application_ack_type,
                                      nullptr,  // MSH-17, country
                                      &header.character_set};
  const auto* set = set_to_guard(msh, header.delimiters);
  const auto copy = set ? guarded(msh, *set, header.delimiters) : std::nullopt;
  const std::string_view scanned = copy ? *copy : msh;
  auto at = scanned.find(header.delimiters.field, 4);  // past MSH-2
  for (auto* field : fields) {
    if (at == std::string_view::npos) break;
    auto next = scanned.find(header.delimiters.field, at + 1);
    if (field) *field = msh.substr(at + 1, next == std::string_view::npos ? next : next - at - 1);
    at = next;
  }
  return header;
}

}  // namespace causeway::hl7v2
