#include "engine/pipeline/character_set_stage.h"

#include "engine/formats/hl7v2/convert.h"
#include "engine/pipeline/content.h"

namespace causeway::pipeline {
namespace {

std::string said(const hl7v2::Converted& converted) {
  return std::to_string(converted.losses.undecodable) +
         " bytes that mean nothing in the set that they are in, and " +
         std::to_string(converted.losses.unmappable) +
         " characters that the other has no place for; the first in " + converted.first_loss;
}

class CharacterSetStage final : public Stage {
 public:
  CharacterSetStage(const hl7v2::Conversion& conversion, bool fails_on_loss, BodyStaging* staging)
      : converter_(conversion), fails_on_loss_(fails_on_loss), staging_(staging) {}

  Result<StageResult> apply(const StageInput& input, Step& step) override {
    StageResult result;
    result.parts.push_back(input.part);
    auto& content = result.parts.front().content;
    if (content.type != ContentType::Hl7v2) return result;
    auto bytes = read_content(content.body, staging_);
    if (!bytes) return std::move(bytes).error();
    auto converted = converter_.convert(*bytes);
    if (!converted) return std::move(converted).error();
    if (!converted->losses.none()) {
      if (fails_on_loss_) return Error{ErrorKind::Invalid, "character_set", said(*converted)};
      step.log = "kept as \\X..\\: " + said(*converted) + "\n";
    }
    if (converted->bytes == *bytes) return result;
    auto body = make_content(converted->bytes, staging_);
    if (!body) return std::move(body).error();
    content.body = std::move(*body);
    return result;
  }

 private:
  hl7v2::MessageConverter converter_;
  const bool fails_on_loss_;
  BodyStaging* staging_;
};

class CharacterSetStageFactory final : public StageFactory {
 public:
  CharacterSetStageFactory(const hl7v2::Conversion& conversion, bool fails_on_loss,
                           BodyStaging* staging)
      : conversion_(conversion), fails_on_loss_(fails_on_loss), staging_(staging) {}

  const std::string& name() const override { return name_; }
  std::unique_ptr<Stage> make() const override {
    return std::make_unique<CharacterSetStage>(conversion_, fails_on_loss_, staging_);
  }

 private:
  const std::string name_ = "character_set";
  const hl7v2::Conversion conversion_;
  const bool fails_on_loss_;
  BodyStaging* staging_;
};

Error unknown(const char* field, const std::string& name) {
  return Error{ErrorKind::Invalid, std::string("character_set/") + field,
               "no character set is known as \"" + name + "\""};
}

}  // namespace

Result<std::unique_ptr<StageFactory>> make_character_set_stage(
    const config::CharacterSetConfig& declaration, BodyStaging* staging) {
  hl7v2::Conversion conversion;
  if (!declaration.from.empty()) {
    conversion.from = encoding::find_character_set(declaration.from);
    if (!conversion.from) return unknown("from", declaration.from);
  }
  conversion.to = encoding::find_character_set(declaration.to);
  if (!conversion.to) return unknown("to", declaration.to);
  return std::unique_ptr<StageFactory>(
      std::make_unique<CharacterSetStageFactory>(conversion, declaration.fails_on_loss, staging));
}

}  // namespace causeway::pipeline
