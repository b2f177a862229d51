// causeway engine: the engine itself, as the supervisor starts it. Ends by SIGTERM or SIGINT.
#include <signal.h>

#include <cstdio>
#include <cstdlib>

#include "engine/main/arguments.h"
#include "engine/main/commands.h"
#include "engine/main/engine_process.h"
#include "engine/main/supervisor.h"
#include "engine/observe/text_log.h"

namespace causeway {
namespace {

constexpr timespec watch_every{0, 250'000'000};

/// Waits for a signal to end, or for the engine to be unable to go on.
bool run_until_told(EngineProcess& engine, const sigset_t& signals) {
  for (;;) {
    if (::sigtimedwait(&signals, nullptr, &watch_every) > 0) return true;
    if (!engine.healthy()) return false;
    engine.keep_up();
  }
}

}  // namespace

int command_engine(const Words& words) {
  auto arguments = Arguments::parse(
      words, {{"data", "channels", "mappings", "environment", "metrics-port", "workers", "node",
               "api-port", "listen", "tls-certificate", "tls-key", "alerts", "log-format"},
              {"standby"}});
  const char* database = std::getenv(database_variable);
  if (!arguments || !database) {
    std::fprintf(stderr, "causeway engine: is started by causeway serve\n");
    return 2;
  }
  EngineOptions options;
  options.data_folder = arguments->value("data");
  options.channels_folder = arguments->value("channels");
  options.mappings_folder = arguments->value("mappings");
  options.alerts_file = arguments->value("alerts");
  options.environment_file = arguments->value("environment");
  options.database = database;
  options.metrics_port = static_cast<int>(*arguments->number("metrics-port", -1));
  options.api_port = static_cast<int>(*arguments->number("api-port", -1));
  options.listen = arguments->value("listen");
  options.tls_certificate = arguments->value("tls-certificate");
  options.tls_key = arguments->value("tls-key");
  options.workers = static_cast<unsigned>(*arguments->number("workers", 0));
  options.node = static_cast<int>(*arguments->number("node", 1));
  options.standby = arguments->has("standby");

  sigset_t signals;
  ::sigemptyset(&signals);
  for (int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&signals, number);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  MachineClock clock;
  observe::TextLog log(clock, LogLevel::Info,
                       arguments->value("log-format") == "json" ? observe::LogFormat::Json
                                                                : observe::LogFormat::Text);
  EngineProcess engine(options, log);
  if (auto started = engine.start(); !started) {
    log.error("engine.not_started", {{"kind", std::string(to_string(started.error().kind))},
                                     {"reason", started.error().str()}});
    return started.error().kind == ErrorKind::Invalid ? exit_code_config : 1;
  }
  std::printf("%scauseway is ready\n", engine.summary().c_str());
  std::fflush(stdout);
  const bool told = run_until_told(engine, signals);
  log.info("engine.stopping", {{"told", told ? "yes" : "no"}});
  engine.stop();
  return told ? 0 : 1;
}

}  // namespace causeway
