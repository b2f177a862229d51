#include "engine/pipeline/response_script.h"

#include "engine/core/limits.h"
#include "engine/formats/hl7v2/header.h"
#include "engine/pipeline/content.h"
#include "engine/pipeline/script_stage.h"
#include "engine/script/script_instance.h"

namespace causeway::pipeline {
namespace {

/// In ctx.uuid, apart from those of stages.
constexpr std::uint32_t first_ordinal = 1000;

struct Declared {
  std::shared_ptr<const script::ScriptModule> module;
  std::shared_ptr<const PipelineSettings> settings;
  std::uint32_t ordinal = 0;
};

std::string with_log(std::string text, const std::string& log) {
  if (log.empty()) return text;
  if (!text.empty()) text += '\n';
  return (text + log).substr(0, limits::error_text_bytes);
}

class ResponseScript final : public ResponseTransformation {
 public:
  explicit ResponseScript(std::shared_ptr<const Declared> declared)
      : declared_(std::move(declared)), instance_(declared_->module) {}

  ResponseResult run(const ResponseInput& input) override {
    ResponseResult result;
    auto sent = read_content(input.sent.body, declared_->settings->staging);
    if (!sent) {
      result.again = sent.error().kind == ErrorKind::Unavailable;
      result.error = std::move(sent).error();
      return result;
    }
    auto run = run_as(answer_type(input.attempt.response), input, *sent);
    // It only looked like it.
    if (!run.output && run.output.error().kind == ErrorKind::Invalid)
      run = run_as(ContentType::Text, input, *sent);
    if (!run.output) {
      result.error = std::move(run.output).error();
      result.error->text = with_log(std::move(result.error->text), run.log);
      return result;
    }
    result.outcome = run.output->outcome;
    result.text = std::move(run.output->reason);
    const bool as_it_was = !result.outcome || *result.outcome == input.attempt.outcome;
    if (result.text.empty() && as_it_was && !run.log.empty())
      result.text = input.attempt.reason.text;
    result.text = with_log(std::move(result.text), run.log);
    if (run.output->reply)
      result.reply_attributes =
          std::make_shared<const Attributes>(std::move(run.output->reply_attributes));
    result.reply = std::move(run.output->reply);
    return result;
  }

 private:
  script::ScriptRun run_as(ContentType type, const ResponseInput& input, const Bytes& sent) {
    const auto& settings = *declared_->settings;
    const auto& arrival = input.message.arrival;
    return instance_.run({.role = script::ScriptRole::Response,
                          .content = {type, make_bytes(input.attempt.response)},
                          .received_at = arrival.received_at,
                          .message = input.message.id,
                          .revision = settings.revision,
                          .stage = declared_->ordinal,
                          .part = input.sent.work.part,
                          .destinations = settings.destinations,
                          .channel = settings.channel,
                          .environment = settings.environment,
                          .sender_address = arrival.draft.sender.address,
                          .sender_name = arrival.draft.sender.name,
                          .cause = origin_of(arrival),
                          .attributes = input.attempt.response_attributes.get(),
                          .sent = {input.sent.content_type, sent},
                          .outcome = to_string(input.attempt.outcome)});
  }

  std::shared_ptr<const Declared> declared_;
  script::ScriptInstance instance_;
};

class ResponseScriptFactory final : public ResponseTransformationFactory {
 public:
  explicit ResponseScriptFactory(std::shared_ptr<const Declared> declared)
      : declared_(std::move(declared)) {}

  Result<std::unique_ptr<ResponseTransformation>> make() const override {
    return std::unique_ptr<ResponseTransformation>(std::make_unique<ResponseScript>(declared_));
  }

 private:
  std::shared_ptr<const Declared> declared_;
};

}  // namespace

Result<Responses> make_responses(const PipelineSettings& given) {
  Responses responses;
  if (given.responses.empty()) return responses;
  auto settings = std::make_shared<const PipelineSettings>(given);
  auto sources = script_sources(*settings);
  if (!sources) return std::move(sources).error();
  auto ordinal = first_ordinal;
  for (const auto& [destination, file] : settings->responses) {
    auto of_this = *sources;
    of_this.entry = file;
    auto module = script::ScriptModule::compile(std::move(of_this), settings->script_limits);
    if (!module) return std::move(module).error();
    auto declared =
        std::make_shared<const Declared>(Declared{std::move(*module), settings, ordinal++});
    responses[destination] = std::make_shared<ResponseScriptFactory>(std::move(declared));
  }
  return responses;
}

ContentType answer_type(std::string_view answer) {
  if (hl7v2::peek_header(answer)) return ContentType::Hl7v2;
  const auto first = answer.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return ContentType::Text;
  if (answer[first] == '{' || answer[first] == '[') return ContentType::Json;
  return answer[first] == '<' ? ContentType::Xml : ContentType::Text;
}

}  // namespace causeway::pipeline
