#include "engine/formats/hl7v2/validate/finding.h"

namespace causeway::hl7v2 {
namespace {

std::string index(int number) {
  return number > 1 ? "[" + std::to_string(number) + "]" : std::string();
}

}  // namespace

std::string to_string(const Location& location) {
  std::string text = location.segment + index(location.segment_number);
  if (location.field == 0) return text;
  text += "-" + std::to_string(location.field) + index(location.repetition);
  if (location.component > 0) text += "." + std::to_string(location.component);
  if (location.subcomponent > 0) text += "." + std::to_string(location.subcomponent);
  return text;
}

std::string_view to_string(RuleClass rule_class) {
  switch (rule_class) {
    case RuleClass::Structure:
      return "structure";
    case RuleClass::Usage:
      return "usage";
    case RuleClass::Cardinality:
      return "cardinality";
    case RuleClass::Length:
      return "length";
    case RuleClass::Type:
      return "type";
    case RuleClass::Table:
      return "table";
    case RuleClass::Conformance:
      return "conformance";
  }
  return "";
}

std::string_view to_string(Level level) {
  switch (level) {
    case Level::Off:
      return "off";
    case Level::Warn:
      return "warning";
    case Level::Reject:
      return "error";
  }
  return "";
}

std::string_view error_code(const Finding& finding) {
  switch (finding.rule_class) {
    case RuleClass::Structure:
      return "100";
    case RuleClass::Usage:
      return finding.rule.ends_with("-missing") ? "101" : "207";
    case RuleClass::Type:
      return "102";
    case RuleClass::Table:
      return "103";
    case RuleClass::Cardinality:
    case RuleClass::Length:
    case RuleClass::Conformance:
      break;
  }
  return "207";
}

}  // namespace causeway::hl7v2
