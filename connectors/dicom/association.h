// What two application entities agree on before anything is exchanged: the PDUs that ask for,
// accept and reject an association.
//
// Plain values, pure functions. Errors: Invalid, Limit. Standard: DICOM PS3.8 section 9.3, PS3.7
// annex D.
#pragma once

#include <string>
#include <vector>

#include "connectors/dicom/pdu.h"
#include "engine/core/result.h"

namespace causeway::connectors::dicom {

inline constexpr std::size_t contexts_max = 128;  ///< PS3.8: odd numbers up to 255.
inline constexpr std::size_t transfer_syntaxes_max = 64;
inline constexpr std::size_t title_bytes_max = 16;
inline constexpr std::string_view verification_class = "1.2.840.10008.1.1";

struct PresentationContext {
  enum class Answer : std::uint8_t {
    Accepted = 0,
    UserRejected = 1,
    NoReason = 2,
    ClassNotSupported = 3,
    TransferSyntaxesNotSupported = 4,
  };
  std::uint8_t id = 0;
  std::string sop_class;                       ///< Abstract syntax; empty in an answer.
  std::vector<std::string> transfer_syntaxes;  ///< In an answer: the one that was chosen.
  Answer answer = Answer::Accepted;
};

/// Asked for, or accepted.
struct Association {
  std::string called_title, calling_title;
  std::vector<PresentationContext> contexts;
  std::uint32_t pdu_bytes_max = 0;  ///< That the end which says so takes; 0: any.
  /// Asked for: SOP classes of which whoever asks wants to be the provider (PS3.7 annex D.3.3.4).
  std::vector<std::string> provided_classes = {};
};

struct Rejection {
  enum class Reason : std::uint8_t {
    NoReason,
    ApplicationContext,
    CallingTitle,
    CalledTitle,
    ProtocolVersion,
    TemporaryCongestion,
    LocalLimit,
  };
  bool transient = false;
  Reason reason = Reason::NoReason;
};

Result<Association> read_associate_request(std::string_view body);
Result<Association> read_associate_accept(std::string_view body);
/// In words, for an operator; `transient` as it says.
struct RejectionText {
  bool transient = false;
  std::string text;
};
RejectionText read_associate_reject(std::string_view body);

std::string make_associate_request(const Association& association);
/// `contexts`: those of the request, each with its answer.
std::string make_associate_accept(const Association& association);
std::string make_associate_reject(const Rejection& rejection);

/// 1 to 16 printable characters, not all blank, without a backslash.
bool is_title(std::string_view text);

}  // namespace causeway::connectors::dicom
