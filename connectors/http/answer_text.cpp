#include "connectors/http/answer_text.h"

#include <ctime>

#include "connectors/http/gzip.h"
#include "connectors/http/reply.h"

namespace causeway::connectors::http {
namespace {

constexpr std::size_t packed_from_bytes = 1024;

/// What an acceptance says where nobody has said more.
std::string receipt(const std::vector<MessageId>& messages) {
  if (messages.size() == 1) return "{\"message\":\"" + to_string(messages.front()) + "\"}\n";
  std::string text = "{\"messages\":[";
  for (const auto& message : messages)
    text += (&message == &messages.front() ? "\"" : ",\"") + to_string(message) + "\"";
  return text + "]}\n";
}

bool has_no_body(int status) {
  return status == 204 || status == 304;
}

bool has_header(std::string_view lines, std::string_view name) {
  return lines.starts_with(name) || lines.find("\r\n" + std::string(name)) != lines.npos;
}

}  // namespace

std::string http_date(SystemTime time) {
  const auto seconds = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(time));
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  const auto size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, size};
}

std::string answer_text(const Answer& answer, const AnswerRules& rules) {
  const auto composed =
      take_apart(answer.composed ? std::string_view(*answer.composed) : std::string_view());
  std::string lines(composed.headers);
  std::string own_body;
  std::string_view body = composed.body;
  const bool accepted = composed.status == 200 || composed.status == 202;
  if (body.empty() && accepted && !answer.messages.empty()) {
    body = own_body = receipt(answer.messages);
    if (!has_header(lines, "content-type:")) lines += "content-type: application/json\r\n";
  }
  if (!answer.messages.empty())
    lines += "causeway-message: " + to_string(answer.messages.front()) + "\r\n";
  lines += answer.headers;
  if (!has_header(lines, "cache-control:")) lines += "cache-control: no-store\r\n";
  if (rules.packs && body.size() >= packed_from_bytes) {
    if (auto packed = gzip(body); packed.size() < body.size()) {
      body = own_body = std::move(packed);
      lines += "content-encoding: gzip\r\nvary: accept-encoding\r\n";
    }
  }
  if (has_no_body(composed.status))
    body = {};
  else
    lines += "content-length: " + std::to_string(body.size()) + "\r\n";
  lines += "date: " + http_date(rules.now) + "\r\n";
  if (rules.last)
    lines += "connection: close\r\n";
  else if (rules.old_version)
    lines += "connection: keep-alive\r\n";
  auto text = "HTTP/1.1 " + std::to_string(composed.status) + " ";
  text.append(reason_of(composed.status)).append("\r\n").append(lines).append("\r\n");
  if (!rules.head_only) text += body;
  return text;
}

}  // namespace causeway::connectors::http
