#include "engine/pipeline/enrich/enrich_stage.h"

#include <thread>

#include "engine/core/limits.h"
#include "engine/pipeline/content.h"
#include "engine/pipeline/enrich/circuit_breaker.h"
#include "engine/pipeline/enrich/lookup_cache.h"
#include "engine/pipeline/script_stage.h"

namespace causeway::pipeline {
namespace {

using OnFailure = config::EnrichConfig::OnFailure;

constexpr std::size_t request_bytes_max = 256 * 1024;
/// Before the second try; doubled at each further one.
constexpr Milliseconds first_wait{100};
constexpr Milliseconds wait_slice{50};

/// How its look-ups went.
struct Instruments {
  Counter *answered = nullptr, *cached = nullptr, *failed = nullptr, *spared = nullptr;
  Histogram* took = nullptr;

  static void count(Counter* counter) {
    if (counter) counter->add();
  }
};

Instruments instruments_of(Metrics* metrics, const std::string& channel, const std::string& stage) {
  if (!metrics) return {};
  const auto labels = "channel=\"" + channel + "\",stage=\"" + stage + "\"";
  const auto counter = [&](const char* result) {
    return &metrics->counter("causeway_lookups_total", labels + ",result=\"" + result + "\"");
  };
  return {counter("answered"), counter("cached"), counter("failed"), counter("spared"),
          &metrics->histogram("causeway_lookup_seconds", labels)};
}

/// What a deployed stage is made of, shared by the instances of all workers.
struct Declared {
  config::EnrichConfig config;
  std::shared_ptr<const script::ScriptModule> module;
  std::shared_ptr<const PipelineSettings> settings;
  std::uint32_t ordinal = 0;
  std::unique_ptr<Lookup> lookup;  // null: nobody is asked
  std::unique_ptr<LookupCache> cache;
  Instruments instruments;
  mutable CircuitBreaker breaker;
};

bool may_be_tried_again(const Error& error) {
  return error.kind == ErrorKind::Unavailable || error.kind == ErrorKind::TimedOut;
}

/// The request, the answer, and how it came about.
class Asking {
 public:
  Asking(const Declared& declared, const StageInput& input, Step& step)
      : declared_(declared), input_(input), step_(step) {}

  /// Null bytes: it has failed, and the run goes on. None: the run is to be run again.
  Result<std::optional<Bytes>> ask(const std::string& request) {
    if (request.size() > request_bytes_max)
      return Error{ErrorKind::Limit, declared_.config.name, "the request is too large"};
    if (const auto* before = told(input_.told, request)) return std::optional(before->bytes);
    auto answer = input_.run.recorded ? from_record(request) : from_elsewhere(request);
    if (!answer) {
      // Cut off by the engine's end, it says nothing.
      if (declared_.settings->lookups.is_stopping()) return std::optional<Bytes>();
      if (!may_fail(answer.error())) return std::move(answer).error();
      step_.log += "failed: " + answer.error().str() + "\n";
      if (declared_.config.on_failure == OnFailure::Wait) return std::optional<Bytes>();
      answer = Bytes();
    }
    if (auto kept = keep(request, *answer); !kept) return std::move(kept).error();
    return std::optional(*answer);
  }

 private:
  const RecordedInput* told(const std::vector<RecordedInput>& inputs, std::string_view request) {
    for (const auto& each : inputs)
      if (each.stage == declared_.config.name && each.name == request) return &each;
    return nullptr;
  }

  Result<Bytes> from_record(const std::string& request) {
    const auto* found = told(*input_.run.recorded, request);
    if (!found) found = told(*input_.run.recorded, any_request);
    if (!found)
      return Error{ErrorKind::NotFound, declared_.config.name,
                   "no answer is given to " + request.substr(0, limits::error_text_bytes / 2)};
    if (!found->bytes) return Error{ErrorKind::Unavailable, declared_.config.name, "it has failed"};
    return found->bytes;
  }

  Result<Bytes> from_elsewhere(const std::string& request) {
    if (!declared_.lookup)
      return Error{ErrorKind::NotFound, declared_.config.name, "nobody may be asked here"};
    const auto began = std::chrono::steady_clock::now();
    if (auto cached = declared_.cache->find(request, began)) {
      step_.log += "answered from the cache\n";
      Instruments::count(declared_.instruments.cached);
      return cached;
    }
    auto parsed = config::parse_json(request, "request");
    if (!parsed) return Error{ErrorKind::Invalid, declared_.config.name, parsed.error().text};
    auto answer = try_several_times(*parsed);
    note(answer, began);
    if (!answer) {
      auto error = std::move(answer).error();
      error.place = error.place.empty() ? declared_.config.name : error.place;
      return error;
    }
    const auto now = std::chrono::steady_clock::now();
    step_.log += "answered with " + std::to_string(answer->size()) + " bytes in " +
                 std::to_string(std::chrono::duration_cast<Milliseconds>(now - began).count()) +
                 " ms\n";
    auto bytes = make_bytes(std::move(*answer));
    declared_.cache->keep(request, bytes, now);
    return bytes;
  }

  void note(const Result<std::string>& answer, SteadyTime began) const {
    const auto& instruments = declared_.instruments;
    if (!answer && declared_.settings->lookups.is_stopping()) return;
    Instruments::count(answer ? instruments.answered : instruments.failed);
    const auto took = std::chrono::steady_clock::now() - began;
    if (answer && instruments.took)
      instruments.took->record_us(static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  }

  Result<std::string> try_several_times(const config::Value& request) {
    if (!declared_.breaker.may_ask(std::chrono::steady_clock::now())) {
      Instruments::count(declared_.instruments.spared);
      return Error{ErrorKind::Unavailable, declared_.config.name,
                   "it has not answered several times in a row, and is asked again in a moment"};
    }
    auto answer = tries(request);
    // What would be refused again says that somebody answers.
    if (answer || !may_be_tried_again(answer.error()))
      declared_.breaker.answered();
    else
      declared_.breaker.failed(std::chrono::steady_clock::now());
    return answer;
  }

  Result<std::string> tries(const config::Value& request) {
    auto wait = first_wait;
    for (int tried = 1;; ++tried, wait *= 2) {
      auto answer = declared_.lookup->ask(
          request, std::chrono::steady_clock::now() + declared_.config.timeout);
      if (answer || tried >= declared_.config.tries || !may_be_tried_again(answer.error()) ||
          !wait_for(wait))
        return answer;
    }
  }

  /// False: the engine ends.
  bool wait_for(Milliseconds time) const {
    const auto& environment = declared_.settings->lookups;
    for (; time.count() > 0 && !environment.is_stopping(); time -= wait_slice)
      std::this_thread::sleep_for(std::min(time, wait_slice));
    return !environment.is_stopping();
  }

  /// Whether the policy on failure is for it: an answer that can't be had. What the script has done
  /// wrong, or nobody has recorded, fails the run.
  bool may_fail(const Error& error) const {
    const bool ours = error.kind == ErrorKind::Invalid || error.kind == ErrorKind::NotFound;
    return !ours && declared_.config.on_failure != OnFailure::Fail;
  }

  Status keep(const std::string& request, const Bytes& answer) {
    std::size_t count = 1, bytes = request.size() + (answer ? answer->size() : 0);
    for (const auto& each : input_.told) {
      if (each.stage.empty()) continue;  // state
      ++count;
      bytes += each.name.size() + (each.bytes ? each.bytes->size() : 0);
    }
    if (count > limits::inputs_max || bytes > limits::inputs_bytes)
      return Error{ErrorKind::Limit, declared_.config.name,
                   "a run may look up " + std::to_string(limits::inputs_max) + " answers, " +
                       std::to_string(limits::inputs_bytes) + " bytes together"};
    input_.told.push_back({declared_.config.name, request, answer});
    return Done{};
  }

  const Declared& declared_;
  const StageInput& input_;
  Step& step_;
};

class EnrichStage final : public Stage {
 public:
  explicit EnrichStage(std::shared_ptr<const Declared> declared)
      : declared_(std::move(declared)), instance_(declared_->module) {}

  Result<StageResult> apply(const StageInput& input, Step& step) override {
    auto bytes = read_content(input.part.content.body, declared_->settings->staging);
    if (!bytes) return std::move(bytes).error();
    auto run = instance_.run(script_input(script::ScriptRole::Request, *declared_->settings,
                                          declared_->ordinal, input, *bytes));
    step.log = std::move(run.log);
    if (!run.output) return std::move(run.output).error();
    StageResult result;
    result.changes = std::move(run.output->changes);
    result.parts.push_back(input.part);
    auto& enriched = result.parts.front().enriched;
    if (!run.output->request) {
      step.log += "nothing is asked\n";
      enriched.push_back({declared_->config.name, nullptr});
      return result;
    }
    auto answer = Asking(*declared_, input, step).ask(*run.output->request);
    if (!answer) return std::move(answer).error();
    result.again = !answer->has_value();
    if (!result.again) enriched.push_back({declared_->config.name, **answer});
    return result;
  }

 private:
  std::shared_ptr<const Declared> declared_;
  script::ScriptInstance instance_;
};

class EnrichStageFactory final : public StageFactory {
 public:
  explicit EnrichStageFactory(std::shared_ptr<const Declared> declared)
      : declared_(std::move(declared)) {}

  const std::string& name() const override { return declared_->config.name; }
  std::unique_ptr<Stage> make() const override { return std::make_unique<EnrichStage>(declared_); }

 private:
  std::shared_ptr<const Declared> declared_;
};

Error in_declaration(const config::EnrichConfig& config, const Error& error) {
  return {error.kind, "channel.json", "the stage \"" + config.name + "\": " + error.str()};
}

}  // namespace

Result<std::unique_ptr<StageFactory>> make_enrich_stage(
    const config::StageConfig& declaration, std::shared_ptr<const PipelineSettings> settings,
    script::ScriptSources sources, std::uint32_t ordinal) {
  auto declared = std::make_shared<Declared>();
  declared->config = *declaration.enrich;
  script::ScriptLimits limits = settings->script_limits;
  limits.run_time = declaration.script.time_limit;
  sources.entry = declaration.script.file;
  auto module = script::ScriptModule::compile(std::move(sources), limits);
  if (!module) return std::move(module).error();
  declared->module = std::move(*module);
  declared->ordinal = ordinal;
  declared->cache =
      std::make_unique<LookupCache>(declared->config.cache_age, declared->config.cache_entries);
  if (auto good = check_lookup(declared->config); !good)
    return in_declaration(declared->config, good.error());
  if (settings->lookups.asks) {
    auto lookup = make_lookup(declared->config, settings->lookups);
    if (!lookup) return in_declaration(declared->config, lookup.error());
    declared->lookup = std::move(*lookup);
  }
  declared->instruments =
      instruments_of(settings->lookups.metrics, settings->channel, declared->config.name);
  declared->settings = std::move(settings);
  return std::unique_ptr<StageFactory>(std::make_unique<EnrichStageFactory>(std::move(declared)));
}

}  // namespace causeway::pipeline
