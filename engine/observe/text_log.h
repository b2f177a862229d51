// The engine's log: one line per event on standard error, for people and for log collectors.
//   2026-11-24T17:20:03.123456Z INFO channel.started channel=lab/oru_in
// Values with blanks, quotes or control characters are quoted. Or, as JSON (README.md):
//   {"time":"2026-11-24T17:20:03.123456Z","level":"info","event":"channel.started","channel":"lab/oru_in"}
// Thread-safe.
#pragma once

#include <mutex>

#include "engine/core/clock.h"
#include "engine/core/log.h"

namespace causeway::observe {

enum class LogFormat : std::uint8_t { Text, Json };

class TextLog final : public Log {
 public:
  TextLog(const Clock& clock, LogLevel least, LogFormat format = LogFormat::Text)
      : clock_(clock), least_(least), format_(format) {}
  void write(LogLevel level, std::string_view event,
             std::initializer_list<LogField> fields) override;

 private:
  const Clock& clock_;
  const LogLevel least_;
  const LogFormat format_;
  std::mutex mutex_;
};

/// The line that TextLog writes, without its end.
std::string log_line(SystemTime at, LogLevel level, std::string_view event,
                     std::initializer_list<LogField> fields);
std::string json_log_line(SystemTime at, LogLevel level, std::string_view event,
                          std::initializer_list<LogField> fields);

}  // namespace causeway::observe
