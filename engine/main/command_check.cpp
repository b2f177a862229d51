// causeway check: lints channel folders; every problem at once, with its place.
#include <cstdio>
#include <optional>

#include "engine/main/arguments.h"
#include "engine/main/channel_files.h"
#include "engine/main/commands.h"
#include "engine/pipeline/pipeline.h"

namespace causeway {
namespace {

constexpr const char* usage =
    "usage: causeway check [--env FILE] [--mappings DIR] FOLDER\n"
    "  Checks all channels below FOLDER (every folder with a channel.json) and lists every "
    "problem.\n"
    "  --env FILE      what env:NAME stands for; without it, such values are not looked up\n"
    "  --mappings DIR  the library that scripts import from (default: mappings beside FOLDER, or "
    "the "
    "program's own)\n";

}  // namespace

int command_check(const Words& words) {
  auto arguments = Arguments::parse(words, {{"env", "mappings"}, {"help"}});
  if (!arguments || arguments->has("help") || arguments->words().size() != 1) {
    if (!arguments) std::fprintf(stderr, "causeway check: %s\n", arguments.error().str().c_str());
    std::fputs(usage, stderr);
    return 2;
  }
  config::Problems problems;
  std::optional<config::EnvironmentValues> environment;
  if (arguments->has("env")) {
    environment = environment_values(arguments->value("env"), problems);
  }
  auto channels = read_channels(arguments->words()[0], environment ? &*environment : nullptr,
                                problems, arguments->value("mappings"));
  std::size_t found = problems.list.size();
  std::size_t good = channels.size();
  for (const auto& problem : problems.list) std::printf("%s\n", problem.str().c_str());
  for (const auto& channel : channels) {
    auto made = pipeline::make_pipeline(pipeline::pipeline_settings(channel));
    if (made) continue;
    ++found;
    --good;
    std::printf("%s: %s\n", channel.path.c_str(), made.error().str().c_str());
  }
  std::printf("good channels: %zu, problems: %zu\n", good, found);
  return found == 0 ? 0 : 1;
}

}  // namespace causeway
