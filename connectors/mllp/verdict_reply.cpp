#include "connectors/mllp/verdict_reply.h"

#include "engine/formats/hl7v2/acknowledgement.h"
#include "engine/formats/hl7v2/batch.h"
#include "engine/formats/hl7v2/header.h"

namespace causeway::connectors::mllp {
namespace {

using hl7v2::AckCode;

AckCode code_of(const Verdict& verdict, bool commit) {
  switch (verdict.code) {
    case Verdict::Code::Accept:
      return commit ? AckCode::CA : AckCode::AA;
    case Verdict::Code::Error:
      return commit ? AckCode::CE : AckCode::AE;
    case Verdict::Code::Reject:
      break;
  }
  return commit ? AckCode::CR : AckCode::AR;
}

/// HL7 table 0357.
std::string_view error_code_of(const Verdict& verdict) {
  return verdict.code == Verdict::Code::Accept ? "" : "207";  // application internal error
}

/// Stored as evidence, but nobody can take what can't be read for accepted: it has no MSA-2.
constexpr std::string_view unreadable_text = "stored, but it has no readable MSH";
constexpr std::string_view unreadable_code = "100";  // segment sequence error

/// Base 36, so that it fits the 20 characters that MSH-10 has up to version 2.6.
std::string base36(std::uint64_t number) {
  std::string text;
  for (; number > 0; number /= 36)
    text.insert(text.begin(), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number % 36]);
  return text;
}

}  // namespace

VerdictReply::VerdictReply(const Clock& clock)
    : clock_(clock),
      control_id_prefix_(
          base36(static_cast<std::uint64_t>(clock.now().time_since_epoch().count()))) {}

std::string VerdictReply::compose(std::string_view message, const Verdict& verdict) const {
  if (verdict.verbatim) return *verdict.verbatim;
  const auto narrow = hl7v2::narrowed(message);
  const auto header = hl7v2::peek_header(narrow ? *narrow : message);
  const bool commit = verdict.level == Verdict::Level::Stored && header && header->enhanced_mode();
  const auto control_id = control_id_prefix_ + base36(next_.fetch_add(1));
  hl7v2::AckRequest request;
  request.code = code_of(verdict, commit);
  request.text = verdict.text;
  request.error_code = error_code_of(verdict);
  request.control_id = control_id;
  request.at = clock_.now();
  if (!header && verdict.code == Verdict::Code::Accept) {
    request.code = AckCode::AE;
    request.text = unreadable_text;
    request.error_code = unreadable_code;
  }
  auto reply = hl7v2::acknowledge(message, request);
  if (!reply.empty() || !header || !header->enhanced_mode()) return reply;
  // The channel answers once, by its policy. A sender that wants no answer of this kind may have
  // asked for one of the other: he is told the same as our application, or that we have it.
  if ((commit ? header->application_ack_type : header->accept_ack_type).empty()) return reply;
  request.code = commit ? code_of(verdict, false) : AckCode::CA;
  if (!commit) request.text = request.error_code = {};
  return hl7v2::acknowledge(message, request);
}

std::string VerdictReply::compose_batch(std::string_view header,
                                        const std::vector<std::string>& replies) const {
  return hl7v2::acknowledge_batch(header, replies, control_id_prefix_ + base36(next_.fetch_add(1)),
                                  hl7v2::timestamp(clock_.now()));
}

}  // namespace causeway::connectors::mllp
