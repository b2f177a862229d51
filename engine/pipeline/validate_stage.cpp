#include "engine/pipeline/validate_stage.h"

#include "engine/core/limits.h"
#include "engine/formats/hl7v2/acknowledgement.h"
#include "engine/formats/hl7v2/validate/profile.h"
#include "engine/formats/hl7v2/validate/validate.h"
#include "engine/pipeline/content.h"

namespace causeway::pipeline {
namespace {

struct Rules {
  hl7v2::ValidationOptions options;
  hl7v2::AckCode reject_with = hl7v2::AckCode::AE;
};

hl7v2::Level level_of(config::ValidateConfig::Level level) {
  switch (level) {
    case config::ValidateConfig::Level::Off:
      return hl7v2::Level::Off;
    case config::ValidateConfig::Level::Warn:
      return hl7v2::Level::Warn;
    case config::ValidateConfig::Level::Reject:
      break;
  }
  return hl7v2::Level::Reject;
}

hl7v2::Levels levels_of(const config::ValidateConfig& config) {
  using hl7v2::RuleClass;
  hl7v2::Levels levels;
  levels[RuleClass::Structure] = level_of(config.structure);
  levels[RuleClass::Usage] = level_of(config.usage);
  levels[RuleClass::Cardinality] = level_of(config.cardinality);
  levels[RuleClass::Length] = level_of(config.length);
  levels[RuleClass::Type] = level_of(config.type);
  levels[RuleClass::Table] = level_of(config.table);
  levels[RuleClass::Conformance] = level_of(config.conformance);
  return levels;
}

/// Sealed with the step: it may quote values.
std::string log_of(const hl7v2::ValidationReport& report) {
  std::string log;
  for (const auto& finding : report.findings) {
    auto line = std::string(to_string(finding.level)) + " " + to_string(finding.location) + " " +
                finding.rule + ": " + finding.text +
                (finding.value.empty() ? "" : ": " + finding.value) + "\n";
    if (log.size() + line.size() > limits::step_log_bytes) break;
    log += line;
  }
  return log;
}

/// In base 36 and with a letter before it: no other answer of this engine has the same.
std::string control_id(MessageId id) {
  std::string text;
  for (auto number = id.value; number > 0; number /= 36)
    text.insert(text.begin(), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number % 36]);
  return "V" + text;
}

class ValidateStage final : public Stage {
 public:
  ValidateStage(std::shared_ptr<const Rules> rules, BodyStaging* staging)
      : rules_(std::move(rules)), staging_(staging) {}

  Result<StageResult> apply(const StageInput& input, Step& step) override {
    auto bytes = read_content(input.part.content.body, staging_);
    if (!bytes) return std::move(bytes).error();
    StageResult result;
    auto message = hl7v2::Message::parse(*bytes);
    if (!message) return std::move(message).error();
    const auto report = validate(*message, rules_->options);
    step.log = log_of(report);
    if (report.rejects())
      result.reply = make_bytes(answer(**bytes, report, input.run.message));
    else
      result.parts.push_back(input.part);
    return result;
  }

 private:
  std::string answer(std::string_view bytes, const hl7v2::ValidationReport& report,
                     const StoredMessage& stored) const {
    const auto id = control_id(stored.id);
    hl7v2::AckRequest request;
    request.code = rules_->reject_with;
    request.text = "rejected: it breaks a rule of this channel";
    request.control_id = id;
    request.at = stored.arrival.received_at;
    for (const auto& finding : report.findings)
      if (finding.level == hl7v2::Level::Reject) request.findings.push_back(finding);
    return hl7v2::acknowledge(bytes, request);
  }

  std::shared_ptr<const Rules> rules_;
  BodyStaging* staging_;
};

class ValidateStageFactory final : public StageFactory {
 public:
  ValidateStageFactory(std::shared_ptr<const Rules> rules, BodyStaging* staging)
      : rules_(std::move(rules)), staging_(staging) {}
  const std::string& name() const override { return name_; }
  std::unique_ptr<Stage> make() const override {
    return std::make_unique<ValidateStage>(rules_, staging_);
  }

 private:
  std::string name_ = "validate";
  std::shared_ptr<const Rules> rules_;
  BodyStaging* staging_;
};

Result<std::shared_ptr<const hl7v2::Profile>> profile_of(
    const std::string& name, const std::map<std::string, std::string>& files) {
  std::vector<std::string> texts;
  for (const auto& [file, text] : files)
    if (file.starts_with(name + "/") && file.ends_with(".xml")) texts.push_back(text);
  if (texts.empty())
    return Error{ErrorKind::NotFound, name, "the channel's folder has no profile of this name"};
  auto profile = hl7v2::Profile::parse(texts);
  if (!profile) return Error{profile.error().kind, name, profile.error().str()};
  return profile;
}

}  // namespace

Result<std::unique_ptr<StageFactory>> make_validate_stage(
    const config::ValidateConfig& config, std::shared_ptr<const PipelineSettings> settings) {
  auto rules = std::make_shared<Rules>();
  rules->options.levels = levels_of(config);
  rules->options.version = config.version;
  rules->reject_with =
      config.reject_with == Verdict::Code::Reject ? hl7v2::AckCode::AR : hl7v2::AckCode::AE;
  if (!config.profile.empty()) {
    auto profile = profile_of(config.profile, settings->scripts);
    if (!profile) return std::move(profile).error();
    rules->options.profile = std::move(*profile);
  }
  return std::unique_ptr<StageFactory>(
      std::make_unique<ValidateStageFactory>(std::move(rules), settings->staging));
}

}  // namespace causeway::pipeline
