// Acknowledgements: made for a received message, and read from a receiver's answer.
// Standard: HL7 v2.x chapter 2.9 (original and enhanced processing rules), tables 0008 and 0357.
// Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/clock.h"
#include "engine/core/result.h"
#include "engine/formats/hl7v2/validate/finding.h"

namespace causeway::hl7v2 {

/// MSA-1.
enum class AckCode : std::uint8_t { AA, AE, AR, CA, CE, CR };

std::string_view to_string(AckCode code);
bool is_commit(AckCode code);  ///< CA, CE, CR.

/// More findings than these are left out of an answer.
inline constexpr std::size_t ack_findings_max = 20;

struct AckRequest {
  AckCode code = AckCode::AA;
  std::string_view text;  ///< MSA-3 up to 2.6, ERR-8 from 2.5; cut at 80 characters for MSA-3.
  std::string_view error_code;  ///< Table 0357, for AE, AR, CE and CR: "207". Empty: none.
  std::string_view control_id;  ///< MSH-10 of the answer.
  SystemTime at;                ///< MSH-7, UTC with zone.
  /// What validation found: from 2.2 an ERR that names each place. Their texts are in plain words,
  /// their values are not told.
  std::vector<Finding> findings = {};
};

/// The ACK in the sender's delimiters, version, processing id and character set (UTF-16 and UTF-32
/// too; "?" for what the set has no place for in our own texts), sender and receiver swapped. Empty
/// in enhanced mode where MSH-15 (commit codes) or MSH-16 (application codes) says that none is
/// wanted (NE; SU and ER by the code). A message without readable MSH gets an ACK of version 2.5
/// with default delimiters and an empty MSA-2.
std::string acknowledge(std::string_view message, const AckRequest& request);

/// The beginning of a message in UTF-16 or UTF-32 as UTF-8, its MSH at least; nullopt: it is in
/// neither.
std::optional<std::string> narrowed(std::string_view message);

/// As MSH-7 has it: "20261124120000.007+0000".
std::string timestamp(SystemTime at);

struct Ack {
  AckCode code = AckCode::AA;
  std::string control_id;  ///< MSA-2, raw.
  std::string text;        ///< MSA-3, or the first ERR-8.
};

/// Reads a receiver's answer, in UTF-16 and UTF-32 by way of UTF-8. Invalid if there is no MSH or
/// MSA, or MSA-1 is none of the six codes.
Result<Ack> read_ack(std::string_view bytes);

}  // namespace causeway::hl7v2
