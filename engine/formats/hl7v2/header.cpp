// The MSH segment in one pass.
#include "engine/formats/hl7v2/header.h"

#include "engine/formats/hl7v2/guard.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

constexpr int first_field = 3, last_field = 18;

/// Where fields 3 to 18 lie in MSH: n begins behind its separator, and ends at the next.
struct FieldPlaces {
  FieldPlaces(std::string_view msh, char separator) {
    const char* const end = msh.data() + msh.size();
    const char* at = msh.data() + 4;  // MSH-2
    for (int n = 0; n <= last_field - first_field; ++n) {
      const char* found = find_nth(at, end, separator, 1);
      if (!found) break;
      at = begins[count++] = found + 1;
    }
    const char* last = count > 0 ? find_nth(at, end, separator, 1) : nullptr;
    begins[count] = (last ? last : end) + 1;
  }

  std::string_view field(int n, std::string_view scanned, std::string_view msh) const {
    const int i = n - first_field;
    if (i >= count) return {};
    return msh.substr(static_cast<std::size_t>(begins[i] - scanned.data()),
                      static_cast<std::size_t>(begins[i + 1] - 1 - begins[i]));
  }

  const char* begins[last_field - first_field + 2] = {};
  int count = 0;
};

void read_fields(std::string_view scanned, std::string_view msh, Header& header) {
  const FieldPlaces places(scanned, header.delimiters.field);
  const auto field = [&](int n) { return places.field(n, scanned, msh); };
  header.sending_application = field(3);
  header.sending_facility = field(4);
  header.receiving_application = field(5);
  header.receiving_facility = field(6);
  header.type = field(9);
  header.control_id = field(10);
  header.processing_id = field(11);
  header.version = field(12);
  header.accept_ack_type = field(15);
  header.application_ack_type = field(16);
  header.character_set = field(18);
}

}  // namespace

Result<Beginning> read_beginning(std::string_view bytes) {
  if (const auto* wide = encoding::wide_character_set(bytes))
    return Error{ErrorKind::Invalid, "MSH",
                 "the message is in " + std::string(wide->name) + " and has to be converted first"};
  Beginning beginning{SegmentScanner(bytes, start_of_message(bytes)), {}};
  if (!beginning.segments.next()) return Error{ErrorKind::Invalid, "MSH", "the message is empty"};
  const std::string_view msh = beginning.segments.text();
  auto delimiters = read_delimiters(msh);
  if (!delimiters) return std::move(delimiters).error();
  auto& header = beginning.header;
  header.delimiters = *delimiters;
  if (is_plain(msh)) {
    read_fields(msh, msh, header);
    beginning.guarded_set = declared_to_guard(header.character_set, header.delimiters);
    return beginning;
  }
  beginning.guarded_set = set_to_guard(msh, header.delimiters);
  const auto copy = beginning.guarded_set ? guarded(msh, *beginning.guarded_set, header.delimiters)
                                          : std::nullopt;
  read_fields(copy ? std::string_view(*copy) : msh, msh, header);
  return beginning;
}

Result<Header> peek_header(std::string_view bytes) {
  auto beginning = read_beginning(bytes);
  if (!beginning) return std::move(beginning).error();
  return beginning->header;
}

}  // namespace causeway::hl7v2
