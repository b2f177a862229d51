#include "engine/observe/text_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace causeway::observe {
namespace {

std::string_view word(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return "DEBUG";
    case LogLevel::Info:
      return "INFO";
    case LogLevel::Warn:
      return "WARN";
    case LogLevel::Error:
      break;
  }
  return "ERROR";
}

std::string quoted(const std::string& value) {
  const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char c) {
    return c > ' ' && c != '"' && c != '\\' && c != 0x7f;
  });
  if (plain) return value;
  std::string out = "\"";
  for (unsigned char c : value) {
    if (c == '"' || c == '\\')
      out.append(1, '\\').append(1, static_cast<char>(c));
    else if (c < ' ' || c == 0x7f)
      out += fmt::format("\\x{:02x}", c);
    else
      out += static_cast<char>(c);
  }
  return out + '"';
}

}  // namespace

std::string log_line(SystemTime at, LogLevel level, std::string_view event,
                     std::initializer_list<LogField> fields) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  auto line = fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06d}Z {} {}",
                          fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                          (at - seconds).count(), word(level), event);
  for (const auto& field : fields) line += fmt::format(" {}={}", field.key, quoted(field.value));
  return line;
}

void TextLog::write(LogLevel level, std::string_view event,
                    std::initializer_list<LogField> fields) {
  if (level < least_) return;
  auto line = log_line(clock_.now(), level, event, fields) + '\n';
  std::lock_guard lock(mutex_);
  [[maybe_unused]] auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace causeway::observe
