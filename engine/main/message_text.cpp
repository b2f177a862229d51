#include "engine/main/message_text.h"

#include <fmt/format.h>

#include "engine/api/queue_json.h"
#include "engine/main/api_client.h"

namespace causeway {
namespace {

using config::Value;

std::string flags_of(const Value& object) {
  std::string text;
  for (const auto& flag : list_of(object, "flags"))
    text += (text.empty() ? "" : ", ") + (flag.string() ? *flag.string() : std::string());
  return text;
}

std::string shown(const Value& object, std::string_view name, const char* otherwise = "") {
  const auto text = text_of(object, name);
  return text.empty() ? otherwise : visible(text, false);
}

/// The second byte of U+0080 to U+009F, which terminals take for control characters too.
bool is_late_control(char second_byte) {
  const auto c = static_cast<unsigned char>(second_byte);
  return c >= 0x80 && c <= 0x9F;
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
std::string target_of(const Value& object) {
  const auto part = integer_of(object, "part");
  return text_of(object, "destination") + (part > 0 ? fmt::format(" part {}", part) : "");
}

void add_run(std::string& out, const Value& run) {
  out += fmt::format("run {} ({}): {} at {}, deployment {}\n", integer_of(run, "run"),
                     text_of(run, "cause"), text_of(run, "state"), time_of(run, "at"),
                     integer_of(run, "deployment"));
  for (const auto& step : list_of(run, "steps")) {
    out += fmt::format("  step {}: {} us\n", text_of(step, "stage"), integer_of(step, "took_us"));
    out += indented(visible(text_of(step, "log"), true), "    log: ");
    if (step.find("error"))
      out += indented(visible(text_of(step, "error"), true),
                      fmt::format("    {}: ", text_of(step, "error_kind")));
  }
  for (const auto& input : list_of(run, "inputs")) {
    const auto stage = text_of(input, "stage");
    out += fmt::format("  input {} {}: {}\n", stage.empty() ? "state" : stage, shown(input, "name"),
                       input.find("bytes") ? shown(input, "bytes") : std::string("(none)"));
  }
  for (const auto& delivery : list_of(run, "deliveries")) {
    const auto flags = flags_of(delivery), edit = text_of(delivery, "edited_as");
    out += fmt::format("  delivery to {}: {} bytes{}{}{}\n", target_of(delivery),
                       integer_of(delivery, "bytes"),
                       flag_of(delivery, "as_received") ? ", as received" : "",
                       flags.empty() ? "" : " (" + flags + ")",
                       edit.empty() ? "" : ", and then edited: sent as " + edit);
  }
}

void add_attempt(std::string& out, const Value& attempt) {
  const auto outcome = text_of(attempt, "outcome");
  out += fmt::format("{}  {} {}: {} #{}{}", time_of(attempt, "at"), integer_of(attempt, "run"),
                     target_of(attempt), text_of(attempt, "event"), integer_of(attempt, "attempt"),
                     outcome.empty() ? "" : " " + outcome);
  const auto text = shown(attempt, "text");
  out += text.empty() ? "\n" : "  " + text + "\n";
  out += indented(visible(text_of(attempt, "response"), true), "    < ");
}

void add_attention(std::string& out, const Value& row) {
  out += fmt::format("needs attention: {} {}, tried {} times, since {}{}\n{}", target_of(row),
                     text_of(row, "state"), integer_of(row, "attempts"), time_of(row, "since"),
                     flag_of(row, "suspect") ? ", suspect" : "",
                     indented(visible(text_of(row, "reason"), true), "  "));
}

void add_queue_row(std::string& out, const Value& row) {
  const auto part = integer_of(row, "part");
  const auto reason = shown(row, "reason");
  out += fmt::format(
      "\n    {} run {}{} {}{}, tried {} times, since {}{}{}", text_of(row, "message"),
      integer_of(row, "run"), part > 0 ? fmt::format(" part {}", part) : "", text_of(row, "state"),
      flag_of(row, "suspect") ? " (suspect)" : "", integer_of(row, "attempts"),
      time_of(row, "since"), row.find("due") ? ", next try " + time_of(row, "due") : "",
      reason.empty() ? "" : ": " + reason);
}

void add_head(std::string& out, const Value& message) {
  const auto peer = shown(message, "peer"), flags = flags_of(message);
  out += fmt::format("message {}\n  received {} by {} from {}{}\n", text_of(message, "id"),
                     time_of(message, "received_at"), text_of(message, "channel"),
                     shown(message, "sender"), peer.empty() ? "" : " (" + peer + ")");
  out += fmt::format("  {}, {}, {} bytes, {}{}\n", shown(message, "type", "no type"),
                     shown(message, "control_id", "no control id"), integer_of(message, "bytes"),
                     text_of(message, "content_type"), flags.empty() ? "" : ", " + flags);
  if (message.find("content_error"))
    out += "  content: " + text_of(message, "content_error") + "\n";
  for (const auto& link : list_of(message, "links")) {
    const bool up = link.find("parent") != nullptr;
    out += fmt::format("  {} {} {}\n", text_of(link, "kind"), up ? "from" : "to",
                       text_of(link, up ? "parent" : "child"));
  }
}

}  // namespace

std::string time_of(const config::Value& object, std::string_view name) {
  auto text = text_of(object, name);
  if (text.ends_with('Z')) text.pop_back();
  if (const auto t = text.find('T'); t != std::string::npos) text[t] = ' ';
  return text;
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
    } else if (c == 0xC2 && i + 1 < bytes.size() && is_late_control(bytes[i + 1])) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(bytes[++i]));
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

std::string found_line(const config::Value& found) {
  const auto flags = flags_of(found);
  return fmt::format("{}  {}  {:<10} {:<20} {:<16} {:<20} {:>8}{}", text_of(found, "id"),
                     time_of(found, "received_at"),
                     flag_of(found, "attention") ? "attention" : text_of(found, "state"),
                     text_of(found, "channel"), shown(found, "type"), shown(found, "control_id"),
                     integer_of(found, "bytes"), flags.empty() ? "" : "  " + flags);
}

std::string queue_text(const config::Value& queue) {
  auto out = text_of(queue, "channel") + " > " + text_of(queue, "destination");
  if (const auto queued = integer_of(queue, "queued"); queued > 0)
    out +=
        fmt::format("\n  queued: {}{}, oldest {}", queued,
                    queued >= static_cast<std::int64_t>(api::backlog_counted_max) ? " or more" : "",
                    text_of(queue, "oldest"));
  for (const auto& hold : list_of(queue, "holds")) {
    const auto lane_of = text_of(hold, "lane_of"), reason = text_of(hold, "reason");
    out +=
        fmt::format("\n  stopped by {} since {}: {}{}", text_of(hold, "by"), time_of(hold, "since"),
                    lane_of.empty() ? "all of it" : "the lane of " + lane_of,
                    reason.empty() ? "" : ", " + visible(reason, false));
  }
  for (const auto& part : list_of(queue, "parts"))
    out += fmt::format("\n  {}: {}, oldest {}, since {}", text_of(part, "state"),
                       integer_of(part, "count"), text_of(part, "oldest"), time_of(part, "since"));
  for (const auto& row : list_of(queue, "rows")) add_queue_row(out, row);
  return out;
}

std::string message_text(const config::Value& message) {
  std::string out;
  add_head(out, message);
  out += "\n" + indented(visible(text_of(message, "body"), true), "  ") + "\n";
  for (const auto& run : list_of(message, "runs")) add_run(out, run);
  if (!list_of(message, "attempts").empty()) out += "attempts (time, run, destination)\n";
  for (const auto& attempt : list_of(message, "attempts")) add_attempt(out, attempt);
  for (const auto& reply : list_of(message, "replies"))
    out += fmt::format("reply at {}: {}{}\n{}", time_of(reply, "at"), text_of(reply, "state"),
                       flag_of(reply, "timed_out") ? ", after the wait timed out" : "",
                       indented(visible(text_of(reply, "bytes"), true), "  > "));
  for (const auto& row : list_of(message, "attention")) add_attention(out, row);
  return out;
}

}  // namespace causeway
