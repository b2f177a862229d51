// Any text as a channel.json: it is a channel, or every problem can be shown; the same text gives
// the same revision.
#include <cstdint>
#include <cstdlib>

#include "engine/config/channel_config.h"
#include "engine/core/limits.h"

namespace {

using namespace causeway::config;

void require(bool condition) {
  if (!condition) std::abort();
}

const Fields* connector(std::string_view type, bool source) {
  static const Fields listen = {integer("port", "Port").between(1, 65535).required()};
  static const Fields send = {
      text("host", "Host").required(), text("password", "Password").secret(),
      object("acks", "Codes", {choice("AE", "Error", {"rejected", "deferred"})}),
      text_list("names", "Names")};
  if (type != "mllp") return nullptr;
  return source ? &listen : &send;
}

bool printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

ChannelConfig read(std::string_view text, Problems& problems) {
  const EnvironmentValues environment = {{"HOST", Value(std::string("lab"), {})},
                                         {"PORT", Value(std::int64_t{7000}, {})}};
  return read_channel("lab/oru", text, {{"transform.js", "x"}}, connector, &environment, problems);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Problems problems{"channel.json", {}};
  const auto channel = read(text, problems);
  require(problems.list.size() <= Problems::kept_max);
  for (const auto& problem : problems.list) require(printable(problem.str()));
  if (!problems.empty()) return 0;

  require(channel.source.type == "mllp");
  require(!channel.destinations.empty());
  require(channel.destinations.size() <= causeway::limits::destinations_max);
  for (const auto& stage : channel.stages) require(channel.scripts.contains(stage.script.file));
  Problems none;
  require(read(text, none).revision_hash == channel.revision_hash && none.empty());
  return 0;
}
