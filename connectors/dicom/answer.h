// What who asks is told: a channel's verdict in words, as it is kept in the message's history, and
// the PDUs that say so.
//
// In words it is a status ("0000", "A700 archive is full"), or, in JSON (data_set_json.h), the
// matches of a query, or what is reported of a commitment. Pure; thread-safe.
// Standard: DICOM PS3.7 sections 9.3.2 and 10.3; PS3.4 annexes C.4.1, F.7.2, J.3.
#pragma once

#include <string>

#include "connectors/dicom/command.h"
#include "engine/core/intake.h"

namespace causeway::connectors::dicom {

/// A verdict on this message, in words. Of a query or commitment that was answered with something
/// that can't be sent, the words say so.
std::string compose_answer(std::string_view message, const Verdict& verdict);

/// What is answered.
struct Asked {
  Command request;
  std::uint8_t context = 0;
  std::string transfer_syntax;
};

struct AnswerPdus {
  std::string bytes;
  bool reports = false;  ///< They end with a request of ours, which the peer answers.
};

/// `composed`: what `compose_answer` gave; empty: nothing, which is a failure.
/// `pdu_bytes_max`: what the peer takes; 0: any.
AnswerPdus answer_pdus(const Asked& asked, std::string_view composed, std::size_t pdu_bytes_max);

}  // namespace causeway::connectors::dicom
