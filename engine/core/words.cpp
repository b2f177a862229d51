// The words for what is stored as numbers: one place, so that tables, JSON, logs, metrics and the
// console say the same.
#include <array>

#include "engine/core/replay.h"
#include "engine/core/result.h"
#include "engine/core/work.h"

namespace causeway {
namespace {

template <class Enum, std::size_t N>
std::string_view word(const std::array<std::string_view, N>& words, Enum value) {
  auto index = static_cast<std::size_t>(value);
  return index < N && !words[index].empty() ? words[index] : "unknown";
}

}  // namespace

std::string_view to_string(ErrorKind kind) {
  static constexpr std::array<std::string_view, 15> words{
      "none",        "invalid",       "limit",   "not_found",    "conflict",
      "unavailable", "refused",       "script",  "script_limit", "lease_lost",
      "damaged",     "not_permitted", "stopped", "timed_out",    "internal"};
  return word(words, kind);
}

std::string_view to_string(Outcome outcome) {
  static constexpr std::array<std::string_view, 5> words{"", "delivered", "deferred", "ambiguous",
                                                         "rejected"};
  return word(words, outcome);
}

std::string_view to_string(ContentType type) {
  static constexpr std::array<std::string_view, 8> words{"binary", "hl7v2", "text", "json",
                                                         "xml",    "dicom", "x12",  "csv"};
  return word(words, type);
}

std::string_view to_string(LinkKind kind) {
  static constexpr std::array<std::string_view, 10> words{
      "",     "split",    "batch_member",   "hop",          "replay",
      "edit", "response", "assembled_from", "duplicate_of", "key_reuse"};
  return word(words, kind);
}

std::string_view to_string(Cause cause) {
  static constexpr std::array<std::string_view, 6> words{"",         "arrival", "replay",
                                                         "recovery", "retry",   "hop"};
  return word(words, cause);
}

std::string_view to_string(ReplyState state) {
  static constexpr std::array<std::string_view, 4> words{"none", "sent", "lost", "unknown"};
  return word(words, state);
}

std::string_view to_string(RunState state) {
  static constexpr std::array<std::string_view, 7> words{
      "", "passed", "filtered", "failed", "suppressed", "suspect", "discarded"};
  return word(words, state);
}

std::string_view to_string(AttentionState state) {
  static constexpr std::array<std::string_view, 6> words{"",     "waiting", "trying",
                                                         "held", "behind",  "parked"};
  return word(words, state);
}

std::string_view to_string(WorkEvent event) {
  static constexpr std::array<std::string_view, 10> words{
      "",          "begun",    "settled", "disarmed", "gave_up", "skipped", "marked_delivered",
      "discarded", "released", "edited"};
  return word(words, event);
}

std::string_view to_string(ReplayState state) {
  static constexpr std::array<std::string_view, 7> words{"",     "collecting", "running", "paused",
                                                         "done", "cancelled",  "failed"};
  return word(words, state);
}

std::string_view to_string(ReplayThrough through) {
  static constexpr std::array<std::string_view, 4> words{"", "current", "original", "as_sent"};
  return word(words, through);
}

}  // namespace causeway
