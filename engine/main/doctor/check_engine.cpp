#include "engine/main/api_client.h"
#include "engine/main/doctor/checks.h"

namespace causeway::doctor {

void check_engine(Report& report, const Arguments& arguments) {
  auto client = ApiClient::open(arguments);
  auto channels = client ? (*client)->ask_json("GET", "/api/channels") : client.error();
  if (!channels)
    return report.bad("engine: it can't be asked: " + channels.error().str(),
                      "is it running (causeway serve), on this data folder?");
  std::size_t failed = 0, all = 0;
  for (const auto& channel : list_of(*channels, "items")) {
    ++all;
    if (text_of(channel, "state") != "failed") continue;
    ++failed;
    report.bad("channel " + text_of(channel, "path") + ": " + text_of(channel, "why"),
               "mend the cause; the engine tries again by itself");
  }
  if (failed == 0) report.good("engine: runs, with " + std::to_string(all) + " channels");
}

}  // namespace causeway::doctor
