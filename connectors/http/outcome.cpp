#include "connectors/http/outcome.h"

#include <charconv>
#include <ctime>

#include "connectors/http/reply.h"
#include "engine/core/limits.h"

namespace causeway::connectors::http {
namespace {

constexpr std::int64_t retry_after_most_s = 7 * 86'400;

bool is_passing(int status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

Attempt without_answer(const Error& error, ClientStage stage, bool idempotent) {
  Attempt attempt;
  const bool left = stage == ClientStage::Sent || stage == ClientStage::Answered;
  attempt.outcome = left && !idempotent ? Outcome::Ambiguous : Outcome::Deferred;
  attempt.reason = error;
  attempt.destination_down = stage == ClientStage::NotConnected;
  return attempt;
}

std::string in_words(const Head& head) {
  auto text = "HTTP " + std::to_string(head.status);
  if (const auto reason = reason_of(head.status); !reason.empty()) text.append(" ").append(reason);
  if (head.status >= 300 && head.status < 400)
    text += ": redirects aren't followed; give the new address in \"url\"";
  return text;
}

}  // namespace

Attempt attempt_of(const Result<ClientAnswer>& answer, ClientStage stage,
                   const OutcomeRules& rules) {
  if (!answer) return without_answer(answer.error(), stage, rules.idempotent);
  const auto& head = answer->head;
  const bool accepted = head.status >= 200 && head.status < 300;
  if (accepted && stage == ClientStage::NotSent)
    return without_answer({ErrorKind::Invalid, "", "accepted before it was sent whole"},
                          ClientStage::Sent, rules.idempotent);
  Attempt attempt;
  attempt.outcome = accepted                  ? Outcome::Delivered
                    : is_passing(head.status) ? Outcome::Deferred
                                              : Outcome::Rejected;
  attempt.response = answer->body.substr(0, limits::response_bytes);
  Attributes attributes{{"status", std::to_string(head.status)}};
  for (const auto* name : {"content-type", "location", "etag"})
    if (const auto* value = head.header(name))
      attributes.push_back({std::string("header.") + name, *value});
  if (fits(attributes))
    attempt.response_attributes = std::make_shared<const Attributes>(std::move(attributes));
  attempt.reason.kind = ErrorKind::None;
  if (accepted) return attempt;
  attempt.reason = {ErrorKind::Refused, "", in_words(head)};
  // Overloaded, or away: that isn't about this message.
  attempt.destination_down = head.status == 429 || head.status == 503;
  attempt.retry_after = retry_after(head.header_or_empty("retry-after"), rules.now);
  return attempt;
}

Attempt soap_attempt(Attempt attempt, const ClientAnswer& answer, Soap version, bool idempotent) {
  const bool delivered = attempt.outcome == Outcome::Delivered;
  if (delivered && answer.body.empty()) return attempt;  // one way
  const auto content = take_off_envelope(answer.body, version);
  if (!content) {
    if (!delivered) return attempt;
    return without_answer({ErrorKind::Invalid, "", "the answer is no SOAP envelope"},
                          ClientStage::Sent, idempotent);
  }
  attempt.response = content->xml.substr(0, limits::response_bytes);
  if (!content->fault) return attempt;
  attempt.outcome = content->senders_fault ? Outcome::Rejected : Outcome::Deferred;
  attempt.reason = {ErrorKind::Refused, "", "SOAP fault: " + content->reason};
  return attempt;
}

std::optional<Milliseconds> retry_after(std::string_view value, SystemTime now) {
  if (value.empty()) return std::nullopt;
  std::int64_t seconds = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (read.ec != std::errc() || read.ptr != value.data() + value.size()) {
    std::tm parts{};
    const std::string text(value);
    const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (!end || *end != '\0') return std::nullopt;
    seconds = ::timegm(&parts) -
              std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  }
  if (seconds <= 0) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, retry_after_most_s));
}

}  // namespace causeway::connectors::http
