// causeway serve: the supervisor of an engine and its private PostgreSQL.
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "engine/main/arguments.h"
#include "engine/main/channel_files.h"
#include "engine/main/channels_folder.h"
#include "engine/main/commands.h"
#include "engine/main/privileges.h"
#include "engine/main/supervisor.h"
#include "engine/observe/text_log.h"

namespace causeway {
namespace {

constexpr const char* usage =
    "usage: causeway serve --data FOLDER [--channels FOLDER] [options]\n"
    "  --data FOLDER        keys, the private PostgreSQL, logs; made if it is missing\n"
    "  --channels FOLDER    every folder below with a channel.json is a channel; what has changed\n"
    "                       in it since the last start is deployed (default: what is deployed)\n"
    "  --mappings FOLDER    the library that scripts import from (default: mappings beside the "
    "channels, or the program's own)\n"
    "  --database URL       a PostgreSQL that the site runs, instead of a private one\n"
    "  --environment FILE   what env:NAME stands for in channels (default: variables "
    "CAUSEWAY_ENV_*)\n"
    "  --api-port N         the admin API, on 127.0.0.1 (default: 8442, or any free port if that "
    "is\n"
    "                       taken; 0: any free port)\n"
    "  --listen ADDRESS     the admin API by HTTPS on this address too, at --api-port; needs\n"
    "  --tls-certificate FILE  its certificate with chain, PEM, and\n"
    "  --tls-key FILE       its key, PEM; both readable for the engine's user\n"
    "  --alerts FILE        what is watched, and who is told (default: alerts.json beside the\n"
    "                       channels, or in the data folder)\n"
    "  --metrics-port N     GET /metrics and /health on 127.0.0.1, for anybody there (0: any free\n"
    "                       port); the admin API has /metrics too, with a token\n"
    "  --log-format FORMAT  text (default), or json: an object a line\n"
    "  --workers N          threads that run scripts (default: one per processor)\n"
    "  --node N             this engine's number in the installation, 0 to 63 (default: 1)\n"
    "  --standby            wait while another engine holds this node, instead of refusing\n"
    "  As root, it runs as the user \"causeway\", which is made if it is missing.\n";

int wrong(const std::string& text) {
  std::fprintf(stderr, "causeway serve: %s\n%s", text.c_str(), usage);
  return 2;
}

/// By its path, for who reads a list of processes; by the kernel's link where the way to it is
/// closed to the user that this now is.
std::string this_program() {
  const std::string link = "/proc/self/exe";
  std::error_code error;
  const auto path = std::filesystem::read_symlink(link, error);
  return !error && ::access(path.c_str(), X_OK) == 0 ? path.string() : link;
}

}  // namespace

int command_serve(const Words& words) {
  auto arguments = Arguments::parse(
      words, {{"data", "channels", "mappings", "database", "environment", "metrics-port", "workers",
               "node", "api-port", "listen", "tls-certificate", "tls-key", "alerts", "log-format"},
              {"standby", "help"}});
  if (!arguments) return wrong(arguments.error().str());
  if (arguments->has("help")) {
    std::fputs(usage, stdout);
    return 0;
  }
  if (!arguments->has("data") || !arguments->words().empty())
    return wrong("--data is needed, and nothing but options");
  for (auto [name, low, high] : {std::tuple("metrics-port", 0LL, 65535LL),
                                 {"api-port", 0LL, 65535LL},
                                 {"workers", 1LL, 256LL},
                                 {"node", 0LL, static_cast<long long>(node_max)}}) {
    auto number = arguments->number(name, low);
    if (!number) return wrong(number.error().str());
    if (*number < low || *number > high) return wrong(std::string("--") + name + ": out of range");
  }
  const auto format = arguments->value("log-format");
  if (!format.empty() && format != "text" && format != "json")
    return wrong("--log-format is text or json");
  const bool secured = arguments->has("tls-certificate") && arguments->has("tls-key");
  if (arguments->has("listen") != secured)
    return wrong("--listen, --tls-certificate and --tls-key go together");
  std::optional<ChannelsFolder> channels_folder;
  if (arguments->has("channels")) {
    auto opened = ChannelsFolder::open(arguments->value("channels"));
    if (!opened) return wrong("--channels: " + opened.error().str());
    channels_folder.emplace(std::move(*opened));
  }

  std::optional<ChannelsFolder> mappings_folder;
  const auto mappings =
      causeway::mappings_folder(arguments->value("mappings"), arguments->value("channels"));
  if (!mappings.empty()) {
    auto opened = ChannelsFolder::open(mappings);
    if (!opened) return wrong("--mappings: " + opened.error().str());
    mappings_folder.emplace(std::move(*opened));
  }

  MachineClock clock;
  observe::TextLog log(clock, LogLevel::Info,
                       format == "json" ? observe::LogFormat::Json : observe::LogFormat::Text);
  auto folder = drop_privileges(std::filesystem::absolute(arguments->value("data")));
  if (!folder) {
    std::fprintf(stderr, "causeway serve: %s\n", folder.error().str().c_str());
    return 1;
  }
  if (!folder->notice.empty()) std::printf("%s\n", folder->notice.c_str());
  SupervisorOptions options;
  options.engine_command = {this_program(), "engine", "--data", folder->path.string()};
  if (channels_folder) {
    auto channels = channels_folder->reach(folder->path);
    if (!channels) {
      std::fprintf(stderr, "causeway serve: %s\n", channels.error().str().c_str());
      return 1;
    }
    if (channels->is_copy)
      std::printf("the channels' folder can't be reached either: copied to %s\n",
                  channels->path.c_str());
    options.engine_command.insert(options.engine_command.end(),
                                  {"--channels", channels->path.string()});
  }
  std::printf("data in %s; starting\n", folder->path.c_str());
  std::fflush(stdout);

  options.data_folder = folder->path;
  options.database = arguments->value("database");
  if (mappings_folder) {
    auto library = mappings_folder->reach(folder->path, "mappings");
    if (!library) {
      std::fprintf(stderr, "causeway serve: %s\n", library.error().str().c_str());
      return 1;
    }
    options.engine_command.insert(options.engine_command.end(),
                                  {"--mappings", library->path.string()});
  }
  for (const char* name :
       {"environment", "metrics-port", "workers", "node", "api-port", "listen", "log-format"})
    if (arguments->has(name)) {
      options.engine_command.push_back(std::string("--") + name);
      options.engine_command.push_back(arguments->value(name));
    }
  for (const char* name : {"tls-certificate", "tls-key", "alerts"})
    if (arguments->has(name)) {
      options.engine_command.push_back(std::string("--") + name);
      options.engine_command.push_back(std::filesystem::absolute(arguments->value(name)));
    }
  if (arguments->has("standby")) options.engine_command.push_back("--standby");
  auto code = supervise(options, log);
  if (code) return *code;
  std::fprintf(stderr, "causeway serve: %s\n", code.error().str().c_str());
  return 1;
}

}  // namespace causeway
