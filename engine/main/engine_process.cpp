#include "engine/main/engine_process.h"

#include <fcntl.h>
#include <unistd.h>

#include "connectors/support/event_loop.h"
#include "engine/api/admin_api.h"
#include "engine/channel/duplicates.h"
#include "engine/channel/failure_log.h"
#include "engine/core/crash_note.h"
#include "engine/main/api_services.h"
#include "engine/main/channel_files.h"
#include "engine/main/deployments.h"
#include "engine/main/engine_watch.h"
#include "engine/main/local_access.h"
#include "engine/main/past_runs.h"
#include "engine/main/thread_executor.h"
#include "engine/observe/alerts/alerting.h"
#include "engine/observe/metrics_server.h"
#include "engine/pipeline/run_workers.h"
#include "engine/store/sealing/master_keys.h"
#include "engine/store/sealing/sealed_secrets.h"
#include "engine/store/sending_hold.h"
#include "engine/store/store.h"

namespace causeway {
namespace {

constexpr int executor_threads = 3;
constexpr auto look_at_hold_every = Milliseconds(2000);
constexpr auto write_failures_every = Milliseconds(1000);
constexpr auto stop_grace = Milliseconds(5000);
constexpr auto standby_patience = std::chrono::hours(24 * 365);

/// A file that is there only while no engine works on the data folder after a clean end.
class CleanEndMark {
 public:
  explicit CleanEndMark(const std::filesystem::path& data_folder)
      : path_(data_folder / "clean_end") {}

  /// Whether the last engine ended cleanly; the mark is gone afterwards.
  bool take() {
    std::error_code error;
    return std::filesystem::remove(path_, error);
  }
  void set() {
    int file = ::open(path_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) return;
    ::fsync(file);
    ::close(file);
  }

 private:
  std::filesystem::path path_;
};

Result<channel::Channel::Before> read_before(store::PostgresStore& store) {
  channel::Channel::Before before;
  auto& reader = store.work();
  auto low_waters = reader.low_waters();
  if (!low_waters) return low_waters.error();
  before.low_waters = std::move(*low_waters);
  auto last = reader.last_message();
  if (!last) return last.error();
  before.last_message = *last;
  auto seen = reader.recent_duplicate_keys(channel::DuplicateWindow::keys_max);
  if (!seen) return seen.error();
  before.seen_keys = std::move(*seen);
  auto holds = store.holds().all();
  if (!holds) return holds.error();
  for (const auto& hold : *holds) before.holds.push_back(hold.held);
  before.unclean = false;
  return before;
}

}  // namespace

struct EngineProcess::Parts {
  explicit Parts(const EngineOptions& options) : clean_end(options.data_folder) {}

  MachineClock clock;
  CleanEndMark clean_end;
  std::size_t config_problems = 0;
  bool recovered = false;
  std::unique_ptr<store::MasterKeys> masters;
  std::unique_ptr<store::SealedSecrets> secrets;
  std::unique_ptr<store::PostgresStore> store;
  std::unique_ptr<store::SendingHold> hold;
  std::optional<std::string> held_for;
  SteadyTime look_at_hold_again{};
  std::shared_ptr<std::atomic<bool>> stopping = std::make_shared<std::atomic<bool>>(false);
  connectors::EventLoop loop;
  std::unique_ptr<ThreadExecutor> executor;
  std::unique_ptr<pipeline::ThreadedRunWorkers> workers;
  std::unique_ptr<channel::FailureLog> failures;
  SteadyTime write_failures_again{};
  std::unique_ptr<PastRuns> past_runs;
  std::unique_ptr<RunningChannels> channels;
  std::unique_ptr<Deployments> deployments;
  std::unique_ptr<observe::MetricsServer> metrics_server;
  std::unique_ptr<EngineWatch> watch;
  std::unique_ptr<observe::Teller> teller;
  std::unique_ptr<observe::Alerting> alerting;
  std::unique_ptr<ApiServices> api_services;
  std::unique_ptr<api::AdminApi> api;
  std::string api_addresses;
};

EngineProcess::EngineProcess(EngineOptions options, Log& log)
    : options_(std::move(options)), log_(log), parts_(std::make_unique<Parts>(options_)) {}

EngineProcess::~EngineProcess() {
  stop();
}

Status EngineProcess::start() {
  auto& parts = *parts_;
  config::Problems problems;
  auto environment = environment_values(options_.environment_file.string(), problems);
  std::optional<Deployments::Folder> folder;
  if (!options_.channels_folder.empty()) {
    folder.emplace();
    folder->channels =
        read_channels(options_.channels_folder, &environment, problems, options_.mappings_folder);
    folder->broken = channels_with_problems(options_.channels_folder, problems);
  }
  for (const auto& problem : problems.list) log_.error("config.problem", {{"at", problem.str()}});
  parts.config_problems = problems.list.size();

  auto masters = store::MasterKeys::open(options_.data_folder / "keys");
  if (!masters) return masters.error();
  parts.masters = std::move(*masters);
  parts.secrets = std::make_unique<store::SealedSecrets>(options_.data_folder / store::secrets_file,
                                                         *parts.masters);
  store::StoreOptions store_options;
  store_options.conninfo = options_.database;
  store_options.node = NodeId{static_cast<std::int16_t>(options_.node)};
  // The supervisor holds a lock on the data folder: no other engine has this name.
  store_options.holder = options_.data_folder.string();
  if (options_.standby) store_options.standby_patience = standby_patience;
  auto store = store::PostgresStore::open(store_options, *parts.masters, parts.clock, log_);
  if (!store) return store.error();
  parts.store = std::move(*store);
  parts.hold =
      std::make_unique<store::SendingHold>(store::Target{options_.database, "causeway hold"});

  auto& reader = parts.store->work();
  auto before = read_before(*parts.store);
  if (!before) return before.error();
  before->unclean = !parts.clean_end.take();
  auto crashed = note_crashes_in(options_.data_folder / "crashed");
  if (!crashed) return crashed.error();
  before->crashed = *crashed;
  if (before->crashed)
    log_.error("engine.crashed_by", {{"message", to_string(before->crashed->message)},
                                     {"run", std::to_string(before->crashed->run.value)}});

  parts.loop.start();
  parts.executor = std::make_unique<ThreadExecutor>(executor_threads);
  parts.workers = std::make_unique<pipeline::ThreadedRunWorkers>(options_.workers);
  parts.failures =
      std::make_unique<channel::FailureLog>(parts.store->failures(), parts.store->keyed_hash());
  parts.past_runs = std::make_unique<PastRuns>(
      *parts.store, [&parts](const std::string& path) { return parts.channels->version(path); });
  channel::Ports ports{parts.store->journal(),
                       reader,
                       parts.store->staging(),
                       parts.store->keyed_hash(),
                       *parts.workers,
                       *parts.executor,
                       parts.clock,
                       log_,
                       metrics_,
                       parts.failures.get(),
                       parts.past_runs.get()};
  connectors::Environment ends{
      parts.loop,
      parts.clock,
      log_,
      metrics_,
      &parts.store->staging(),
      [&journal = parts.store->journal()] { return journal.holds_lease(); },
      parts.secrets.get(),
      &parts.store->places()};
  pipeline::LookupEnvironment lookups;
  lookups.secrets = parts.secrets.get();
  lookups.metrics = &metrics_;
  lookups.stopping = parts.stopping;
  PipelineEnvironment pipelines{parts.store->staging(), std::move(lookups),
                                options_.environment_file.stem().string()};
  parts.channels = std::make_unique<RunningChannels>(
      ports, ends, std::move(pipelines), parts.store->registry(), parts.store->revisions());
  if (auto loaded = parts.channels->load(); !loaded) return loaded.error();
  auto hold = parts.hold->reason();
  if (!hold) return hold.error();
  parts.held_for = std::move(*hold);
  if (auto held = parts.channels->hold_sending(parts.held_for.has_value()); !held)
    return held.error();
  const auto alert_environment = environment;
  parts.deployments = std::make_unique<Deployments>(
      *parts.channels, parts.store->revisions(), std::move(environment), log_,
      [&store = *parts.store] { return read_before(store); });
  if (auto started = parts.deployments->start(folder, *before); !started) return started.error();
  parts.recovered = true;
  make_alerting(alert_environment, before->unclean);

  if (options_.metrics_port >= 0) {
    parts.metrics_server = std::make_unique<observe::MetricsServer>(
        metrics_, [this] { update_gauges(); }, [this] { return trouble(); });
    if (auto started = parts.metrics_server->start(options_.metrics_port); !started)
      return started.error();
  }
  return start_api();
}

void EngineProcess::make_alerting(const config::EnvironmentValues& environment, bool unclean) {
  auto& parts = *parts_;
  parts.watch = std::make_unique<EngineWatch>(EngineWatch::Parts{
      parts.clock, metrics_, *parts.channels, parts.store->queues(), parts.store->registry(),
      options_.data_folder, options_.tls_certificate, unclean});
  parts.teller = std::make_unique<observe::NetworkTeller>(parts.secrets.get());
  const auto folder =
      options_.channels_folder.empty() ? options_.data_folder : options_.channels_folder;
  const auto rules =
      options_.alerts_file.empty() ? folder / observe::rules_file_name : options_.alerts_file;
  parts.alerting = std::make_unique<observe::Alerting>(
      observe::AlertingOptions{rules, options_.data_folder / "alerts.state", environment},
      [this] { return parts_->watch->look(); }, *parts.teller, parts.clock, log_,
      [this](const observe::Alert& alert) {
        parts_->api_services->events().publish({alert.is_open() ? "alert.opened" : "alert.resolved",
                                                alert.channel,
                                                "{\"id\":" + std::to_string(alert.id) + "}"});
      });
}

// Commands on this machine reach it on loopback, without TLS, whatever else it listens on. With an
// address of its own, the port is for that.
Status EngineProcess::start_api() {
  auto& parts = *parts_;
  auto services = ApiServices::make(
      {parts.clock, log_, metrics_, *parts.store, options_.data_folder,
       NodeId{static_cast<std::int16_t>(options_.node)}, [this] { update_gauges(); },
       *parts.deployments, [this] { return channels_trouble(); },
       [this](ChannelId id) -> channel::Channel* {
         for (auto* channel : parts_->channels->channels())
           if (channel->id() == id) return channel;
         return nullptr;
       },
       *parts.past_runs, *parts.alerting});
  if (!services) return services.error();
  parts.api_services = std::move(*services);
  parts.alerting->start();
  const auto token = random_token();
  parts.api = std::make_unique<api::AdminApi>(parts.api_services->services(), token);
  const int wanted = options_.api_port < 0 ? default_api_port : options_.api_port;
  const bool outside = !options_.listen.empty();
  auto port = parts.api->listen({.port = outside ? 0 : wanted});
  if (!port && options_.api_port < 0) {
    log_.warn("api.port_taken", {{"port", std::to_string(wanted)}});
    port = parts.api->listen({});
  }
  if (!port) return port.error();
  const auto url = "http://127.0.0.1:" + std::to_string(*port);
  parts.api_addresses = "admin API: " + url + "/api\n";
  if (outside) {
    auto secure = parts.api->listen({.address = options_.listen,
                                     .port = wanted,
                                     .certificate_file = options_.tls_certificate,
                                     .key_file = options_.tls_key});
    if (!secure) return secure.error();
    parts.api_addresses +=
        "admin API: https://" + options_.listen + ":" + std::to_string(*secure) + "/api\n";
  }
  auto first = parts.api_services->first_password();
  if (!first) return first.error();
  if (!first->empty())
    parts.api_addresses.append("first administrator: ")
        .append(security::Identity::first_administrator)
        .append(", one-time password (shown this once, good for a day): ")
        .append(*first + "\n");
  parts.api_services->start();
  return write_local_access(options_.data_folder, {url, token});
}

std::string EngineProcess::summary() const {
  std::string text;
  for (const auto& channel : parts_->deployments->list())
    for (const auto& part : channel.parts)
      text += channel.path + (part.name == "source" ? " listens on " : " sends to ") +
              part.address + "\n";
  text += parts_->api_addresses;
  if (parts_->held_for)
    text += "NOTHING IS SENT: " + *parts_->held_for + "; see causeway restore --release\n";
  if (parts_->metrics_server)
    text +=
        "metrics and health: http://127.0.0.1:" + std::to_string(parts_->metrics_server->port()) +
        "/metrics /health\n";
  if (channels_in_trouble() > 0) text += "NOT every channel runs: see the errors above\n";
  return text;
}

void EngineProcess::update_gauges() {
  for (auto* channel : parts_->channels->channels()) {
    auto figures = channel->figures();
    const auto label = "channel=\"" + channel->path() + "\"";
    metrics_.gauge("causeway_runs_in_memory", label)
        .set(static_cast<std::int64_t>(figures.runs.in_memory));
    for (const auto& [name, queue] : figures.destinations) {
      const auto both = label + ",destination=\"" + name + "\"";
      metrics_.gauge("causeway_deliveries_in_memory", both)
          .set(static_cast<std::int64_t>(queue.in_memory));
      metrics_.gauge("causeway_deliveries_in_flight", both).set(queue.in_flight);
      metrics_.gauge("causeway_destination_down", both).set(queue.down ? 1 : 0);
    }
  }
}

std::string EngineProcess::trouble() const {
  if (!parts_->store->journal().holds_lease())
    return "the lease is not held: is the database away?";
  return channels_trouble();
}

std::string EngineProcess::channels_trouble() const {
  if (channels_in_trouble() > 0) return "a channel could not be started";
  return {};
}

void EngineProcess::keep_up() {
  auto& parts = *parts_;
  parts.channels->tick();
  if (parts.clock.steady() >= parts.write_failures_again) {
    parts.write_failures_again = parts.clock.steady() + write_failures_every;
    if (auto written = parts.failures->flush(); !written)
      log_.warn("failures.not_written", {{"kind", std::string(to_string(written.error().kind))}});
    if (parts.api_services) parts.api_services->tell(parts.failures->take_notices());
  }
  if (!parts.held_for || parts.clock.steady() < parts.look_at_hold_again) return;
  parts.look_at_hold_again = parts.clock.steady() + look_at_hold_every;
  look_at_hold();
}

std::size_t EngineProcess::channels_in_trouble() const {
  return parts_->config_problems + parts_->deployments->not_started() + parts_->channels->failed();
}

void EngineProcess::look_at_hold() {
  auto reason = parts_->hold->reason();
  if (!reason || *reason) return;
  if (!parts_->channels->hold_sending(false)) return;  // tried again
  parts_->held_for.reset();
  log_.info("hold.lifted");
}

bool EngineProcess::healthy() const {
  return !parts_->store->lease().was_lost();
}

void EngineProcess::stop() {
  if (!parts_) return;
  auto& parts = *parts_;
  *parts.stopping = true;
  if (parts.api) {
    remove_local_access(options_.data_folder);
    parts.api->stop();
  }
  if (parts.alerting) parts.alerting->stop();
  if (parts.metrics_server) parts.metrics_server->stop();
  if (parts.api_services) parts.api_services->stop();
  if (parts.channels) parts.channels->stop(stop_grace);
  if (parts.workers) parts.workers->stop();
  if (parts.past_runs) parts.past_runs->stop();
  if (parts.failures && !parts.failures->flush()) log_.warn("failures.not_written");
  if (parts.store) parts.store->stop(stop_grace);
  parts.loop.stop();
  if (parts.executor) parts.executor->stop();
  const bool clean = parts.recovered && healthy();
  parts.api.reset();
  parts.api_services.reset();
  parts.alerting.reset();
  parts.watch.reset();
  parts.store.reset();  // its last callbacks come before what they call is gone
  if (clean) parts.clean_end.set();
  parts_.reset();
}

}  // namespace causeway
