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

/// How many bytes of a character in UTF-8 begin here; 0: none does.
std::size_t character_at(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t bytes = first < 0x80   ? 1
                            : first < 0xC2 ? 0
                            : first < 0xE0 ? 2
                            : first < 0xF0 ? 3
                            : first < 0xF5 ? 4
                                           : 0;
  if (at + bytes > text.size()) return 0;
  for (std::size_t i = 1; i < bytes; ++i)
    if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return 0;
  return bytes;
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const auto bytes = character_at(text, i);
    const auto c = static_cast<unsigned char>(text[i]);
    if (bytes == 0)
      out += "\\ufffd";
    else if (c < ' ' || c == 0x7f)
      out += fmt::format("\\u{:04x}", c);
    else if (c == '"' || c == '\\')
      out.append(1, '\\').append(1, text[i]);
    else
      out += text.substr(i, bytes);
    i += std::max<std::size_t>(bytes, 1);
  }
  return out + '"';
}

std::string time_text(SystemTime at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06d}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (at - seconds).count());
}

}  // namespace

std::string log_line(SystemTime at, LogLevel level, std::string_view event,
                     std::initializer_list<LogField> fields) {
  auto line = fmt::format("{} {} {}", time_text(at), word(level), event);
  for (const auto& field : fields) line += fmt::format(" {}={}", field.key, quoted(field.value));
  return line;
}

std::string json_log_line(SystemTime at, LogLevel level, std::string_view event,
                          std::initializer_list<LogField> fields) {
  std::string name(word(level));
  for (char& c : name) c = static_cast<char>(c | 0x20);
  auto line = fmt::format(R"({{"time":"{}","level":"{}","event":{})", time_text(at), name,
                          json_text(event));
  for (const auto& field : fields)
    line += fmt::format(",{}:{}", json_text(field.key), json_text(field.value));
  return line + '}';
}

void TextLog::write(LogLevel level, std::string_view event,
                    std::initializer_list<LogField> fields) {
  if (level < least_) return;
  const auto now = clock_.now();
  auto line = (format_ == LogFormat::Json ? json_log_line(now, level, event, fields)
                                          : log_line(now, level, event, fields)) +
              '\n';
  std::lock_guard lock(mutex_);
  [[maybe_unused]] auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace causeway::observe
