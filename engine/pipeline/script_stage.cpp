#include "engine/pipeline/script_stage.h"

#include "engine/pipeline/content.h"
#include "engine/script/script_instance.h"

namespace causeway::pipeline {
namespace {

class ScriptStage final : public Stage {
 public:
  ScriptStage(std::shared_ptr<const script::ScriptModule> module,
              std::shared_ptr<const PipelineSettings> settings, std::uint32_t ordinal)
      : instance_(std::move(module)), settings_(std::move(settings)), ordinal_(ordinal) {}

  Status apply(Flow& flow, Step& step) override {
    auto bytes = read_content(flow.content.body, settings_->staging);
    if (!bytes) return std::move(bytes).error();
    script::ScriptInput input{.content = {flow.content.type, *bytes},
                              .received_at = flow.message.arrival.received_at,
                              .message = flow.message.id,
                              .revision = settings_->revision,
                              .stage = ordinal_,
                              .destinations = settings_->destinations};
    auto run = instance_.run(input);
    step.log = std::move(run.log);
    if (!run.output) return std::move(run.output).error();
    return take(flow, *bytes, std::move(*run.output));
  }

 private:
  /// A body for what a script gives; what it gives back unchanged stays the same body.
  Result<Body> body_of(const Flow& flow, const Bytes& given, const Bytes& bytes) const {
    if (bytes == given) return flow.content.body;
    return make_content(bytes, settings_->staging);
  }

  Status take(Flow& flow, const Bytes& given, script::ScriptOutput output) const {
    if (output.reply) flow.reply = output.reply;
    for (auto& send : output.sends) {
      auto taken = take_send(flow, given, send);
      if (!taken) return taken;
    }
    flow.filtered = output.dropped;
    flow.ended = !output.content;
    if (!output.content) return Done{};
    auto body = body_of(flow, given, output.content->bytes);
    if (!body) return std::move(body).error();
    flow.content = {output.content->type, std::move(*body)};
    return Done{};
  }

  Status take_send(Flow& flow, const Bytes& given, script::ScriptSend& send) const {
    for (const auto& chosen : flow.chosen)
      if (chosen.destination == send.destination)
        return Error{ErrorKind::Script, instance_.module().entry(),
                     "ctx.send: an earlier stage has sent to \"" + send.destination + "\""};
    Chosen chosen{std::move(send.destination), std::nullopt};
    if (send.content) {
      auto body = body_of(flow, given, send.content->bytes);
      if (!body) return std::move(body).error();
      chosen.content = Content{send.content->type, std::move(*body)};
    }
    flow.chosen.push_back(std::move(chosen));
    return Done{};
  }

  script::ScriptInstance instance_;
  std::shared_ptr<const PipelineSettings> settings_;
  std::uint32_t ordinal_;
};

class ScriptStageFactory final : public StageFactory {
 public:
  ScriptStageFactory(std::shared_ptr<const script::ScriptModule> module,
                     std::shared_ptr<const PipelineSettings> settings, std::uint32_t ordinal)
      : module_(std::move(module)), settings_(std::move(settings)), ordinal_(ordinal) {}

  const std::string& name() const override { return module_->entry(); }
  std::unique_ptr<Stage> make() const override {
    return std::make_unique<ScriptStage>(module_, settings_, ordinal_);
  }

 private:
  std::shared_ptr<const script::ScriptModule> module_;
  std::shared_ptr<const PipelineSettings> settings_;
  std::uint32_t ordinal_;
};

}  // namespace

Result<std::unique_ptr<StageFactory>> make_script_stage(
    const config::ScriptStage& declaration, std::shared_ptr<const PipelineSettings> settings,
    std::shared_ptr<const script::SourceFiles> files, std::uint32_t ordinal) {
  script::ScriptLimits limits = settings->script_limits;
  limits.run_time = declaration.time_limit;
  auto module = script::ScriptModule::compile(
      {declaration.file, std::move(files), settings->library}, limits);
  if (!module) return std::move(module).error();
  return std::unique_ptr<StageFactory>(
      std::make_unique<ScriptStageFactory>(std::move(*module), std::move(settings), ordinal));
}

}  // namespace causeway::pipeline
