// The status of a C-STORE in words and numbers: "0000", "A700 Out of resources". So replies stand
// in a message's history, and a script may give one; and so does what an archive answered.
//
// Pure; thread-safe. Standard: DICOM PS3.4 annex B.2.3, PS3.7 annex C.
#pragma once

#include <optional>
#include <string>

#include "connectors/dicom/command.h"
#include "engine/core/intake.h"
#include "engine/core/outcome.h"

namespace causeway::connectors::dicom {

struct StatusLine {
  std::uint16_t status = 0;
  std::string comment;  ///< Up to 64 printable characters.
};

/// nullopt: it doesn't begin with four hexadecimal digits.
std::optional<StatusLine> read_status_line(std::string_view text);
std::string write_status_line(const StatusLine& line);

StatusLine status_of(const Verdict& verdict);

/// What failures say of a try to send. Success and warnings are Delivered.
struct StatusOutcomes {
  Outcome out_of_resources = Outcome::Deferred;    ///< A7xx
  Outcome processing_failure = Outcome::Rejected;  ///< 0110
  Outcome not_authorized = Outcome::Rejected;      ///< 0124
  Outcome duplicate = Outcome::Rejected;           ///< 0111
  Outcome others = Outcome::Rejected;

  Outcome of(std::uint16_t status) const;
  static bool is_good(std::uint16_t status);  ///< Success, or a warning.
};

/// In words, for an operator.
std::string_view meaning_of(std::uint16_t status);

}  // namespace causeway::connectors::dicom
