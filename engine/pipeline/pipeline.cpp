#include "engine/pipeline/pipeline.h"

#include "engine/config/library.h"
#include "engine/core/limits.h"
#include "engine/pipeline/character_set_stage.h"
#include "engine/pipeline/enrich/enrich_stage.h"
#include "engine/pipeline/script_stage.h"
#include "engine/pipeline/stage.h"
#include "engine/pipeline/state_in_run.h"
#include "engine/pipeline/validate_stage.h"

namespace causeway::pipeline {
namespace {

using StageFactories = std::vector<std::unique_ptr<StageFactory>>;

struct NamedStage {
  std::string name;
  std::unique_ptr<Stage> stage;
  std::uint32_t applied = 0;  ///< In the present run.
};

/// One run: each part goes through all stages before the next one does, so that what a destination
/// gets is in the order of the parts.
class Passage {
 public:
  Passage(const RunInput& input, const PipelineSettings& settings, std::vector<NamedStage>& stages)
      : input_(input), settings_(settings), stages_(stages), state_(input.state) {}

  RunResult run() {
    const auto& draft = input_.message.arrival.draft;
    for (auto& stage : stages_) stage.applied = 0;
    if (!go_through(0, {{draft.content_type, draft.body}, std::nullopt, draft.attributes, {}})) {
      result_.state = RunState::Failed;
      result_.outputs.clear();
      result_.reply = nullptr;
    } else {
      if (result_.outputs.empty()) result_.state = RunState::Filtered;
      result_.changes = state_.take();
    }
    return std::move(result_);
  }

 private:
  bool go_through(std::size_t place, const Part& part) {
    if (place == stages_.size()) return put_outputs(part);
    auto done = apply(place, part);
    if (!done) return fail(place, std::move(done).error());
    if (done->again) {
      result_.again = true;
      return fail(place, {ErrorKind::Unavailable, "", "it waits for a look-up"});
    }
    if (done->reply) {
      result_.reply = std::move(done->reply);
      result_.reply_attributes = std::move(done->reply_attributes);
    }
    if (auto kept = state_.keep(std::move(done->changes)); !kept) return fail(place, kept.error());
    for (auto& sent : done->sent)
      if (!put_output(sent.destination, sent.content, sent.attributes)) return false;
    for (const auto& next : done->parts)
      if (!go_through(place + 1, next)) return false;
    return true;
  }

  Result<StageResult> apply(std::size_t place, const Part& part) {
    auto& stage = stages_[place];
    auto begin = std::chrono::steady_clock::now();
    Step step;
    const bool ordered = input_.state && !input_.message.arrival.order_keys.empty();
    auto done = stage.stage->apply(
        {input_, part, stage.applied++, ordered ? &state_ : nullptr, result_.inputs}, step);
    step.took = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begin);
    record(place, std::move(step));
    return done;
  }

  /// A stage has one step in a run, whatever the number of parts that it worked on.
  void record(std::size_t place, Step step) {
    if (place == result_.steps.size()) {
      step.stage = stages_[place].name;
      result_.steps.push_back(std::move(step));
      return;
    }
    auto& recorded = result_.steps[place];
    recorded.took += step.took;
    if (recorded.log.size() + step.log.size() <= limits::step_log_bytes) recorded.log += step.log;
  }

  /// The step that failed is the last: what other parts did further on came before.
  bool fail(std::size_t place, Error error) {
    auto& steps = result_.steps;
    std::rotate(steps.begin() + static_cast<std::ptrdiff_t>(place),
                steps.begin() + static_cast<std::ptrdiff_t>(place) + 1, steps.end());
    steps.back().error = std::move(error);
    return false;
  }

  bool put_outputs(const Part& part) {
    const auto& names = part.chosen ? *part.chosen : settings_.destinations;
    return std::all_of(names.begin(), names.end(), [&](const auto& name) {
      return put_output(name, part.content, part.attributes);
    });
  }

  bool put_output(const std::string& destination, const Content& content,
                  const SharedAttributes& attributes) {
    const auto& received = input_.message.arrival.draft.body;
    bool same = content.body.is_staged() ? content.body.staged() == received.staged()
                                         : content.body.bytes() == received.bytes();
    bytes_ += same || content.body.is_staged() ? 0 : content.body.size();
    if (result_.outputs.size() == limits::outputs_max || bytes_ > limits::outputs_bytes)
      return fail(result_.steps.size() - 1, too_much());
    result_.outputs.push_back({destination, content.type, content.body, same, attributes});
    return true;
  }

  static Error too_much() {
    return {ErrorKind::Limit, "",
            "the stages make more than " + std::to_string(limits::outputs_max) +
                " messages of one, or " + std::to_string(limits::outputs_bytes) + " bytes of them"};
  }

  const RunInput& input_;
  const PipelineSettings& settings_;
  std::vector<NamedStage>& stages_;
  StateInRun state_;
  std::uint64_t bytes_ = 0;
  RunResult result_;
};

class Pipeline final : public Transformation {
 public:
  Pipeline(std::shared_ptr<const PipelineSettings> settings, const StageFactories& factories)
      : settings_(std::move(settings)) {
    for (const auto& factory : factories) stages_.push_back({factory->name(), factory->make()});
  }

  RunResult run(const RunInput& input) override {
    return Passage(input, *settings_, stages_).run();
  }

 private:
  std::shared_ptr<const PipelineSettings> settings_;
  std::vector<NamedStage> stages_;
};

class PipelineFactory final : public TransformationFactory {
 public:
  PipelineFactory(std::shared_ptr<const PipelineSettings> settings, StageFactories stages)
      : settings_(std::move(settings)), stages_(std::move(stages)) {}

  Result<std::unique_ptr<Transformation>> make() const override {
    return std::unique_ptr<Transformation>(std::make_unique<Pipeline>(settings_, stages_));
  }

  bool waits() const override {
    const auto& stages = settings_->stages;
    return settings_->lookups.asks &&
           std::any_of(stages.begin(), stages.end(), [](const auto& each) { return each.enrich; });
  }

 private:
  std::shared_ptr<const PipelineSettings> settings_;
  StageFactories stages_;
};

}  // namespace

PipelineSettings pipeline_settings(const config::ChannelConfig& config) {
  PipelineSettings settings;
  settings.validate = config.validate;
  settings.character_set = config.character_set;
  settings.stages = config.stages;
  for (const auto& [name, text] : config.scripts) {
    const bool shared = name.starts_with(config::library_prefix);
    auto& files = shared ? settings.library : settings.scripts;
    files[shared ? name.substr(config::library_prefix.size()) : name] = text;
  }
  for (const auto& destination : config.destinations) {
    settings.destinations.push_back(destination.name);
    if (!destination.response.empty()) settings.responses[destination.name] = destination.response;
  }
  settings.revision = config.revision_hash;
  settings.channel = config.path;
  return settings;
}

Result<std::shared_ptr<const TransformationFactory>> make_pipeline(PipelineSettings given) {
  auto settings = std::make_shared<const PipelineSettings>(std::move(given));
  auto sources = script_sources(*settings);
  if (!sources) return std::move(sources).error();
  StageFactories stages;
  if (settings->validate) {
    auto stage = make_validate_stage(*settings->validate, settings);
    if (!stage) return std::move(stage).error();
    stages.push_back(std::move(*stage));
  }
  if (settings->character_set) {
    auto stage = make_character_set_stage(*settings->character_set, settings->staging);
    if (!stage) return std::move(stage).error();
    stages.push_back(std::move(*stage));
  }
  for (const auto& declaration : settings->stages) {
    const auto ordinal = static_cast<std::uint32_t>(stages.size());
    auto stage = declaration.enrich ? make_enrich_stage(declaration, settings, *sources, ordinal)
                                    : make_script_stage(declaration, settings, *sources, ordinal);
    if (!stage) return std::move(stage).error();
    stages.push_back(std::move(*stage));
  }
  return std::shared_ptr<const TransformationFactory>(
      std::make_shared<PipelineFactory>(std::move(settings), std::move(stages)));
}

}  // namespace causeway::pipeline
