#include "engine/pipeline/pipeline.h"

#include "engine/pipeline/script_stage.h"
#include "engine/pipeline/stage.h"

namespace causeway::pipeline {
namespace {

using StageFactories = std::vector<std::unique_ptr<StageFactory>>;

class Pipeline final : public Transformation {
 public:
  Pipeline(std::shared_ptr<const PipelineSettings> settings, const StageFactories& factories)
      : settings_(std::move(settings)) {
    for (const auto& factory : factories) stages_.push_back({factory->name(), factory->make()});
  }

  RunResult run(const RunInput& input) override {
    const auto& draft = input.message.arrival.draft;
    Flow flow{input.message, {draft.content_type, draft.body}, {}, {}, false, false};
    RunResult result;
    for (auto& stage : stages_) {
      if (flow.ended) break;
      if (apply(stage, flow, result.steps.emplace_back())) continue;
      result.state = RunState::Failed;
      return result;
    }
    result.reply = flow.reply;
    put_outputs(std::move(flow), result);
    return result;
  }

 private:
  struct Named {
    std::string name;
    std::unique_ptr<Stage> stage;
  };

  static bool apply(Named& stage, Flow& flow, Step& step) {
    step.stage = stage.name;
    auto begin = std::chrono::steady_clock::now();
    auto done = stage.stage->apply(flow, step);
    step.took = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begin);
    if (!done) step.error = std::move(done).error();
    return !step.error;
  }

  void put_outputs(Flow flow, RunResult& result) const {
    if (flow.chosen.empty() && !flow.filtered) {
      for (const auto& name : settings_->destinations)
        put_output(name, flow.content, flow.message, result);
      return;
    }
    for (auto& chosen : flow.chosen) {
      if (chosen.content)
        put_output(chosen.destination, *chosen.content, flow.message, result);
      else if (!flow.filtered)
        put_output(chosen.destination, flow.content, flow.message, result);
    }
    if (result.outputs.empty()) result.state = RunState::Filtered;
  }

  static void put_output(const std::string& destination, const Content& content,
                         const StoredMessage& message, RunResult& result) {
    const auto& received = message.arrival.draft.body;
    bool same = content.body.is_staged() ? content.body.staged() == received.staged()
                                         : content.body.bytes() == received.bytes();
    result.outputs.push_back({destination, content.type, content.body, same});
  }

  std::shared_ptr<const PipelineSettings> settings_;
  std::vector<Named> stages_;
};

class PipelineFactory final : public TransformationFactory {
 public:
  PipelineFactory(std::shared_ptr<const PipelineSettings> settings, StageFactories stages)
      : settings_(std::move(settings)), stages_(std::move(stages)) {}

  Result<std::unique_ptr<Transformation>> make() const override {
    return std::unique_ptr<Transformation>(std::make_unique<Pipeline>(settings_, stages_));
  }

 private:
  std::shared_ptr<const PipelineSettings> settings_;
  StageFactories stages_;
};

}  // namespace

PipelineSettings pipeline_settings(const config::ChannelConfig& config) {
  PipelineSettings settings;
  settings.stages = config.stages;
  settings.scripts = config.scripts;
  for (const auto& destination : config.destinations)
    settings.destinations.push_back(destination.name);
  settings.revision = config.revision_hash;
  return settings;
}

Result<std::shared_ptr<const TransformationFactory>> make_pipeline(PipelineSettings given) {
  auto settings = std::make_shared<const PipelineSettings>(std::move(given));
  auto files = std::make_shared<const script::SourceFiles>(settings->scripts.begin(),
                                                           settings->scripts.end());
  StageFactories stages;
  for (const auto& declaration : settings->stages) {
    if (declaration.type != "script")
      return Error{ErrorKind::Invalid, "",
                   "there is no stage of type \"" + declaration.type + "\""};
    auto stage = make_script_stage(declaration.script, settings, files,
                                   static_cast<std::uint32_t>(stages.size()));
    if (!stage) return std::move(stage).error();
    stages.push_back(std::move(*stage));
  }
  return std::shared_ptr<const TransformationFactory>(
      std::make_shared<PipelineFactory>(std::move(settings), std::move(stages)));
}

}  // namespace causeway::pipeline
