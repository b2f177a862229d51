#include "connectors/support/utc_text.h"

#include <array>
#include <ctime>

namespace causeway::connectors {

std::string utc_text(SystemTime time, const char* format) {
  const auto seconds = static_cast<std::time_t>(
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

}  // namespace causeway::connectors
