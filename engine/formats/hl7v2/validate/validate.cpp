#include "engine/formats/hl7v2/validate/validate.h"

#include "engine/formats/hl7v2/convert.h"
#include "engine/formats/hl7v2/guard.h"
#include "engine/formats/hl7v2/scan.h"
#include "engine/formats/hl7v2/validate/profile.h"
#include "engine/formats/hl7v2/validate/profile_rules.h"
#include "engine/formats/hl7v2/validate/validator.h"

namespace causeway::hl7v2 {
namespace {

Finding of_message(RuleClass rule_class, std::string rule, Level level, Location location,
                   std::string text) {
  Finding finding;
  finding.rule_class = rule_class;
  finding.rule = std::move(rule);
  finding.level = level;
  finding.location = std::move(location);
  finding.text = std::move(text);
  return finding;
}

Location header_field(int field) {
  return {"MSH", 1, field, 1, 0, 0};
}

std::string_view version_of(const Message& message, const ValidationOptions& options) {
  if (!options.version.empty()) return options.version;
  static const Path version_field = *parse_path("MSH-12.1");
  const auto declared = message.raw(version_field);
  if (declared.empty() && options.profile) return options.profile->version();
  return declared;
}

/// The structure that the message is checked against; null: none.
const StructureDef* structure_of(const Message& message, const Grammar& grammar,
                                 const ValidationOptions& options, ValidationReport& report) {
  static const Path type_field = *parse_path("MSH-9");
  const auto type = message.raw(type_field);
  const char separator = message.delimiters().component;
  const auto level = options.levels[RuleClass::Structure];
  if (options.profile) {
    const auto event = part(type, separator, 2).value_or("");
    if (const auto* found =
            options.profile->message_for(part(type, separator, 1).value_or(""), event))
      return &found->structure;
    report.findings.push_back(of_message(RuleClass::Structure, "message-unknown", level,
                                         header_field(9),
                                         "the profile has no message of this type"));
    return nullptr;
  }
  const auto chosen = choose_structure(grammar, type, separator, segment_names(message));
  report.best_fit = chosen.best_fit;
  if (chosen.best_fit && level != Level::Off && chosen.structure)
    report.findings.push_back(
        of_message(RuleClass::Structure, "message-unknown", level, header_field(9),
                   "version " + report.version + " has no message of this type; it was read as " +
                       std::string(chosen.structure->name) + ", which fits best"));
  return chosen.structure;
}

}  // namespace

bool ValidationReport::rejects() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.level == Level::Reject; });
}

namespace {

/// In a set in which bytes of characters look like delimiters: the same message as UTF-8. Nullopt:
/// it is checked as it is.
std::optional<Message> in_utf8(const Message& message) {
  if (!set_to_guard(message.segment_text(0), message.delimiters())) return std::nullopt;
  const auto converted =
      convert_message(message.bytes(), {.from = nullptr, .to = &encoding::utf8()});
  if (!converted) return std::nullopt;
  auto parsed = Message::parse(converted->bytes, &encoding::utf8());
  if (!parsed) return std::nullopt;
  return *parsed;
}

ValidationReport validate_scannable(const Message& message, const ValidationOptions& options) {
  ValidationReport report;
  const auto* grammar = Grammar::find(version_of(message, options));
  if (!grammar) {
    report.findings.push_back(of_message(RuleClass::Structure, "version-unknown",
                                         options.levels[RuleClass::Structure], header_field(12),
                                         "MSH-12 names no version of HL7 v2"));
    return report;
  }
  report.version = grammar->version();
  const auto* structure = structure_of(message, *grammar, options, report);
  if (!structure) return report;
  report.structure = structure->name;
  const MessageView view(message, StructureTree::build(segment_names(message), *structure));
  Findings findings(options.levels, report);
  Validator(view, *grammar, options.profile.get(), findings).run();
  if (options.profile) {
    ProfileRules(view, *options.profile, findings).run();
    report.not_judged = options.profile->not_judged();
  }
  return report;
}

}  // namespace

ValidationReport validate(const Message& message, const ValidationOptions& options) {
  const auto converted = in_utf8(message);
  return validate_scannable(converted ? *converted : message, options);
}

void Findings::add(const MessageView& view, const Spot& spot, RuleClass rule_class,
                   std::string rule, std::string text, std::string value,
                   std::optional<Level> at_most) {
  auto level = levels_[rule_class];
  if (level == Level::Off) return;
  if (at_most) level = std::min(level, *at_most);
  if (report_.findings.size() >= findings_max) {
    report_.cut = true;
    return;
  }
  auto& finding = report_.findings.emplace_back();
  finding.rule_class = rule_class;
  finding.rule = std::move(rule);
  finding.level = level;
  finding.location = view.location(spot);
  finding.group = view.group_of(spot);
  finding.text = std::move(text);
  finding.value = std::move(value);
  if (finding.value.size() > finding_value_bytes) finding.value.resize(finding_value_bytes);
}

}  // namespace causeway::hl7v2
