#include "engine/pipeline/script_stage.h"

#include "engine/pipeline/content.h"
#include "engine/script/code_tables.h"
#include "engine/script/script_instance.h"

namespace causeway::pipeline {
namespace {

/// What a deployed stage is made of, shared by the instances of all workers.
struct Declared {
  script::ScriptRole role;
  std::shared_ptr<const script::ScriptModule> module;
  std::shared_ptr<const PipelineSettings> settings;
  std::uint32_t ordinal = 0;
};

class ScriptStage final : public Stage {
 public:
  explicit ScriptStage(std::shared_ptr<const Declared> declared)
      : declared_(std::move(declared)), instance_(declared_->module) {}

  Result<StageResult> apply(const StageInput& input, Step& step) override {
    const auto& settings = *declared_->settings;
    auto bytes = read_content(input.part.content.body, settings.staging);
    if (!bytes) return std::move(bytes).error();
    auto run =
        instance_.run(script_input(declared_->role, settings, declared_->ordinal, input, *bytes));
    step.log = std::move(run.log);
    if (!run.output) return std::move(run.output).error();
    return Taking{input.part, *bytes, settings.staging}.take(std::move(*run.output));
  }

 private:
  /// From what the script gave to what goes on.
  struct Taking {
    const Part& part;
    const Bytes& given;
    BodyStaging* staging;
    StageResult result = {};
    SharedAttributes attributes = {};

    Result<StageResult> take(script::ScriptOutput output) {
      result.reply = output.reply;
      result.changes = std::move(output.changes);
      if (output.reply)
        result.reply_attributes =
            std::make_shared<const Attributes>(std::move(output.reply_attributes));
      attributes = merged(part.attributes, output.attributes);
      if (attributes && !fits(*attributes)) return too_many();
      auto sent = take_sends(output);
      if (!sent) return std::move(sent).error();
      auto chosen = chosen_after(output);
      for (auto& content : output.contents) {
        auto made = content_of(content);
        if (!made) return std::move(made).error();
        result.parts.push_back({std::move(*made), chosen, attributes, part.enriched});
      }
      return std::move(result);
    }

    static Error too_many() {
      return {ErrorKind::Limit, "ctx.attach",
              "more than " + std::to_string(limits::attributes_max) + " attributes, or " +
                  std::to_string(limits::attributes_bytes) + " bytes of them"};
    }

    /// What comes back unchanged stays the same body.
    Result<Content> content_of(const script::ScriptContent& content) const {
      if (content.bytes == given) return Content{content.type, part.content.body};
      auto body = make_content(content.bytes, staging);
      if (!body) return std::move(body).error();
      return Content{content.type, std::move(*body)};
    }

    Status take_sends(const script::ScriptOutput& output) {
      for (const auto& send : output.sends) {
        if (!send.content) continue;
        auto content = content_of(*send.content);
        if (!content) return std::move(content).error();
        result.sent.push_back(
            {send.destination, std::move(*content), merged(attributes, send.attributes)});
      }
      return Done{};
    }

    /// Who gets what goes on: those that were chosen now, if any, and those chosen before.
    std::optional<std::vector<std::string>> chosen_after(const script::ScriptOutput& output) const {
      auto chosen = part.chosen;
      if (output.sends.empty()) return chosen;
      if (!chosen) chosen.emplace();
      for (const auto& send : output.sends)
        if (!send.content) chosen->push_back(send.destination);
      return chosen;
    }
  };

  std::shared_ptr<const Declared> declared_;
  script::ScriptInstance instance_;
};

class ScriptStageFactory final : public StageFactory {
 public:
  explicit ScriptStageFactory(std::shared_ptr<const Declared> declared)
      : declared_(std::move(declared)) {}

  const std::string& name() const override { return declared_->module->entry(); }
  std::unique_ptr<Stage> make() const override { return std::make_unique<ScriptStage>(declared_); }

 private:
  std::shared_ptr<const Declared> declared_;
};

std::optional<script::ScriptRole> role_of(std::string_view type) {
  using script::ScriptRole;
  if (type == "filter") return ScriptRole::Filter;
  if (type == "transform") return ScriptRole::Transform;
  if (type == "split") return ScriptRole::Split;
  if (type == "route") return ScriptRole::Route;
  return std::nullopt;
}

}  // namespace

Cause origin_of(const Arrival& arrival) {
  if (arrival.flags & message_flags::replay) return Cause::Replay;
  return arrival.draft.hops > 0 ? Cause::Hop : Cause::Arrival;
}

script::ScriptInput script_input(script::ScriptRole role, const PipelineSettings& settings,
                                 std::uint32_t ordinal, const StageInput& input,
                                 const Bytes& bytes) {
  const auto& message = input.run.message;
  return {.role = role,
          .content = {input.part.content.type, bytes},
          .received_at = message.arrival.received_at,
          .message = message.id,
          .revision = settings.revision,
          .stage = ordinal,
          .part = input.number,
          .destinations = settings.destinations,
          .channel = settings.channel,
          .environment = settings.environment,
          .sender_address = message.arrival.draft.sender.address,
          .sender_name = message.arrival.draft.sender.name,
          .cause = origin_of(message.arrival),
          .state = input.state,
          .attributes = input.part.attributes.get(),
          .enriched = input.part.enriched};
}

Result<script::ScriptSources> script_sources(const PipelineSettings& settings) {
  script::ScriptSources sources;
  sources.files =
      std::make_shared<const script::SourceFiles>(settings.scripts.begin(), settings.scripts.end());
  sources.library =
      std::make_shared<const script::SourceFiles>(settings.library.begin(), settings.library.end());
  auto tables = script::CodeTables::read(sources.files.get(), sources.library.get());
  if (!tables) return std::move(tables).error();
  sources.tables = *tables;
  return sources;
}

Result<std::unique_ptr<StageFactory>> make_script_stage(
    const config::StageConfig& declaration, std::shared_ptr<const PipelineSettings> settings,
    script::ScriptSources sources, std::uint32_t ordinal) {
  auto role = role_of(declaration.type);
  if (!role)
    return Error{ErrorKind::Invalid, "", "there is no stage of type \"" + declaration.type + "\""};
  script::ScriptLimits limits = settings->script_limits;
  limits.run_time = declaration.script.time_limit;
  sources.entry = declaration.script.file;
  auto module = script::ScriptModule::compile(std::move(sources), limits);
  if (!module) return std::move(module).error();
  auto declared = std::make_shared<const Declared>(
      Declared{*role, std::move(*module), std::move(settings), ordinal});
  return std::unique_ptr<StageFactory>(std::make_unique<ScriptStageFactory>(std::move(declared)));
}

}  // namespace causeway::pipeline
