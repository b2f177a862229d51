#include "engine/channel/failure_log.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace causeway::channel {
namespace {

constexpr std::size_t place_bytes_max = 200;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_of_a_file_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.' ||
         c == '/' || c == ':';
}

}  // namespace

std::string script_line(std::string_view place) {
  const auto end = place.rfind(".js:");
  if (end == std::string_view::npos || place.size() > place_bytes_max) return {};
  const auto name = place.substr(0, end);
  if (!std::all_of(name.begin(), name.end(), is_of_a_file_name)) return {};
  auto digits = place.substr(end + 4);
  digits = digits.substr(0, digits.find(':'));
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return {};
  return std::string(place.substr(0, end + 4 + digits.size()));
}

std::string answer_code(std::string_view text) {
  // Acknowledgement codes of HL7 (table 0008), and statuses of HTTP.
  static constexpr std::array<std::string_view, 6> codes{"AE", "AR", "CE", "CR", "AA", "CA"};
  const auto word = text.substr(0, text.find_first_of(": "));
  if (std::find(codes.begin(), codes.end(), word) != codes.end()) return std::string(word);
  for (auto head : {std::string_view("HTTP "), std::string_view()}) {
    if (!text.starts_with(head)) continue;
    const auto rest = text.substr(head.size());
    const auto number = rest.substr(0, rest.find_first_of(": "));
    if (number.size() == 3 && std::all_of(number.begin(), number.end(), is_digit))
      return std::string(number);
  }
  return {};
}

void FailureLog::note(FailureCause cause, DeploymentId deployment, MessageId message, SystemTime at,
                      AfterFailure after) {
  std::string text = std::to_string(cause.queue.channel.value) + '\x1f' +
                     std::to_string(cause.queue.destination.value) + '\x1f' +
                     std::string(to_string(cause.kind));
  for (const auto* part : {&cause.stage, &cause.place, &cause.code}) text += '\x1f' + *part;
  FailureGroup group;
  group.id = hash_.hash("cause", text);
  group.cause = std::move(cause);
  group.first_seen = group.last_seen = at;
  group.count = 1;
  group.first_deployment = group.last_deployment = deployment;
  group.messages = {message};
  std::lock_guard lock(mutex_);
  if (after != AfterFailure::Retried) {
    notices_.push_back(
        {group.cause.queue, message, group.cause.kind, group.id, after == AfterFailure::Held});
    if (notices_.size() > notices_max) notices_.pop_front();
  }
  merge(std::move(group));
}

std::deque<FailureLog::Notice> FailureLog::take_notices() {
  std::lock_guard lock(mutex_);
  return std::exchange(notices_, {});
}

void FailureLog::merge(FailureGroup group) {
  auto at = noted_.find(group.id);
  if (at == noted_.end()) {
    if (noted_.size() < groups_max) noted_.emplace(group.id, std::move(group));
    return;
  }
  auto& known = at->second;
  if (group.first_seen < known.first_seen) known.first_deployment = group.first_deployment;
  if (group.last_seen >= known.last_seen) known.last_deployment = group.last_deployment;
  known.first_seen = std::min(known.first_seen, group.first_seen);
  known.last_seen = std::max(known.last_seen, group.last_seen);
  known.count += group.count;
  for (auto message : group.messages)
    if (known.messages.size() < messages_max &&
        (known.messages.empty() || known.messages.back() != message))
      known.messages.push_back(message);
}

Status FailureLog::flush() {
  std::map<std::uint64_t, FailureGroup> noted;
  {
    std::lock_guard lock(mutex_);
    noted.swap(noted_);
  }
  if (noted.empty()) return Done{};
  std::vector<FailureGroup> groups;
  for (auto& [id, group] : noted) groups.push_back(std::move(group));
  auto added = store_.add(groups);
  if (added) return added;
  std::lock_guard lock(mutex_);
  for (auto& group : groups) merge(std::move(group));
  return added;
}

}  // namespace causeway::channel
