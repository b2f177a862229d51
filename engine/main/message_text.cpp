#include "engine/main/message_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <set>

namespace causeway {
namespace {

std::string state_word(const store::FoundMessage& found) {
  if (found.needs_attention) return "attention";
  return found.state ? std::string(to_string(*found.state)) : "waiting";
}

/// Runs that made several deliveries for one destination.
using Parts = std::set<std::pair<RunNumber, DestinationId>>;

std::string flags_text(std::uint16_t flags) {
  return fmt::format("{}", fmt::join(flag_words(flags), ", "));
}

std::string indented(std::string_view text, std::string_view indent) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find('\n', at), text.size());
    out += fmt::format("{}{}\n", indent, text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// "lab", and which of several deliveries to it: "lab part 3".
std::string target_text(const Installation& installation, const Parts& parts, const WorkRef& work) {
  auto text = installation.destination_name(work.destination);
  if (work.part > 0 || parts.contains({work.run, work.destination}))
    text += fmt::format(" part {}", work.part);
  return text;
}

Parts parts_of(const store::MessageView& view) {
  Parts parts;
  for (const auto& run : view.runs)
    for (const auto& delivery : run.deliveries)
      if (delivery.part > 0) parts.emplace(run.run, delivery.destination);
  return parts;
}

void add_run(std::string& out, const Installation& installation, const Parts& parts,
             const store::RunView& run) {
  out += fmt::format("run {} ({}): {} at {}, deployment {}\n", run.run.value, to_string(run.cause),
                     to_string(run.state), time_text(run.at), run.deployment.value);
  for (const auto& step : run.steps) {
    out += fmt::format("  step {}: {} us\n", step.stage, step.took.count());
    if (!step.log.empty()) out += indented(visible(step.log, true), "    log: ");
    if (step.error)
      out += indented(visible(step.error->str(), true),
                      fmt::format("    {}: ", to_string(step.error->kind)));
  }
  for (const auto& input : run.inputs)
    out += fmt::format("  input {}{}: {}\n", input.stage.empty() ? "state " : input.stage + " ",
                       visible(input.name, false),
                       input.bytes ? visible(*input.bytes, false) : "(none)");
  for (const auto& delivery : run.deliveries)
    out += fmt::format(
        "  delivery to {}: {} bytes{}{}\n",
        target_text(installation, parts, {{}, run.run, delivery.destination, delivery.part}),
        delivery.body_bytes, delivery.same_as_input ? ", as received" : "",
        delivery.flags ? " (" + flags_text(delivery.flags) + ")" : "");
}

void add_attempt(std::string& out, const Installation& installation, const Parts& parts,
                 const AttemptRecord& attempt) {
  out += fmt::format(
      "{}  {} {}: {} #{}{}", time_text(attempt.at), attempt.work.run.value,
      target_text(installation, parts, attempt.work), to_string(attempt.event), attempt.attempt,
      attempt.event == WorkEvent::Settled ? fmt::format(" {}", to_string(attempt.outcome)) : "");
  out += attempt.text.empty() ? "\n" : "  " + visible(attempt.text, false) + "\n";
  if (!attempt.response.empty()) out += indented(visible(attempt.response, true), "    < ");
}

}  // namespace

std::vector<std::string> flag_words(std::uint16_t flags) {
  static constexpr std::pair<std::uint16_t, const char*> words[] = {
      {message_flags::duplicate, "duplicate"},
      {message_flags::suppressed, "suppressed"},
      {message_flags::key_reuse, "control id used before"},
      {message_flags::unreadable, "no readable header"},
      {message_flags::possible_duplicate, "possible duplicate"},
      {message_flags::replay, "replay"}};
  std::vector<std::string> found;
  for (auto [flag, word] : words)
    if (flags & flag) found.emplace_back(word);
  return found;
}

std::string visible(std::string_view bytes, bool keep_lines) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    const bool line_end = c == '\r' || c == '\n';
    if (line_end && keep_lines) {
      if (c == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n') continue;
      out += '\n';
    } else if (c < ' ' || c == 0x7f) {
      out += fmt::format("\\x{:02x}", c);
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

std::string time_text(SystemTime at) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03d}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (at - seconds).count() / 1000);
}

Result<SystemTime> parse_time(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
  const std::string copy(text);
  const int read = std::sscanf(copy.c_str(), "%4d-%2d-%2d%n%*1[T ]%2d:%2d%n:%2d%n", &year, &month,
                               &day, &used, &hour, &minute, &used, &second, &used);
  auto rest = text.substr(std::min(static_cast<std::size_t>(used), text.size()));
  std::chrono::year_month_day date{std::chrono::year(year),
                                   std::chrono::month(static_cast<unsigned>(month)),
                                   std::chrono::day(static_cast<unsigned>(day))};
  const bool good = read >= 3 && read != 4 && (rest.empty() || rest == "Z") && date.ok() &&
                    hour < 24 && minute < 60 && second < 61;
  if (!good)
    return Error{ErrorKind::Invalid, copy, "not a time: 2026-11-24, or 2026-11-24T17:20:03 (UTC)"};
  return SystemTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second);
}

std::string found_line(const Installation& installation, const store::FoundMessage& found) {
  const auto& arrival = found.message.arrival;
  return fmt::format("{}  {}  {:<10} {:<20} {:<16} {:<20} {:>8}{}", to_string(found.message.id),
                     time_text(arrival.received_at), state_word(found),
                     installation.channel_path(arrival.channel), visible(arrival.type, false),
                     visible(arrival.control_id, false), found.body_bytes,
                     arrival.flags ? "  " + flags_text(arrival.flags) : "");
}

std::string message_text(const Installation& installation, const store::MessageView& view) {
  const auto& arrival = view.message.arrival;
  std::string out = fmt::format(
      "message {}\n  received {} by {} from {}{}\n", to_string(view.message.id),
      time_text(arrival.received_at), installation.channel_path(arrival.channel),
      visible(arrival.draft.sender.address, false),
      arrival.draft.sender.name.empty() ? ""
                                        : " (" + visible(arrival.draft.sender.name, false) + ")");
  const auto named = [](const std::string& value, const char* otherwise) {
    return value.empty() ? otherwise : visible(value, false);
  };
  out += fmt::format("  {}, {}, {} bytes, {}{}\n", named(arrival.type, "no type"),
                     named(arrival.control_id, "no control id"), view.body_bytes,
                     to_string(arrival.draft.content_type),
                     arrival.flags ? ", " + flags_text(arrival.flags) : "");
  if (view.content_error) out += "  content: " + view.content_error->str() + "\n";
  for (const auto& link : view.links)
    out += fmt::format("  {} {} {}\n", to_string(link.kind), link.up ? "from" : "to",
                       to_string(link.other));
  out += "\n" + indented(visible(arrival.draft.body.view(), true), "  ") + "\n";
  const auto parts = parts_of(view);
  for (const auto& run : view.runs) add_run(out, installation, parts, run);
  if (!view.attempts.empty()) out += "attempts (time, run, destination)\n";
  for (const auto& attempt : view.attempts) add_attempt(out, installation, parts, attempt);
  for (const auto& reply : view.replies)
    out += fmt::format("reply at {}: {}{}\n{}", time_text(reply.at), to_string(reply.state),
                       reply.timed_out ? ", after the wait timed out" : "",
                       indented(visible(reply.bytes, true), "  > "));
  for (const auto& row : view.attention)
    out += fmt::format("needs attention: {} {}, tried {} times, since {}{}\n{}",
                       target_text(installation, parts, row.work), to_string(row.state),
                       row.attempts, time_text(row.since), row.suspect ? ", suspect" : "",
                       indented(visible(row.reason, true), "  "));
  return out;
}

}  // namespace causeway
