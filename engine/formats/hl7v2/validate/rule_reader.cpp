#include <map>

#include "engine/formats/hl7v2/validate/profile_reader.h"

namespace causeway::hl7v2 {
namespace {

using Kind = Condition::Kind;

const std::map<std::string_view, Kind>& kinds() {
  static const std::map<std::string_view, Kind> all = {{"Presence", Kind::Presence},
                                                       {"PlainText", Kind::PlainText},
                                                       {"Format", Kind::Format},
                                                       {"StringList", Kind::StringList},
                                                       {"PathValue", Kind::PathValue},
                                                       {"SetID", Kind::SetId},
                                                       {"AND", Kind::And},
                                                       {"FORALL", Kind::And},
                                                       {"OR", Kind::Or},
                                                       {"EXIST", Kind::Or},
                                                       {"XOR", Kind::Xor},
                                                       {"NOT", Kind::Not},
                                                       {"IMPLY", Kind::Imply}};
  return all;
}

std::vector<std::string> comma_separated(std::string_view text) {
  std::vector<std::string> all;
  for (bool more = true; more;) {
    const auto end = text.find(',');
    more = end != std::string_view::npos;
    auto one = text.substr(0, end);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    all.emplace_back(one);
    if (more) text.remove_prefix(end + 1);
  }
  return all;
}

Condition::IfAbsent if_absent(std::string_view word) {
  if (word == "PASS") return Condition::IfAbsent::Pass;
  return word == "FAIL" ? Condition::IfAbsent::Fail : Condition::IfAbsent::Inconclusive;
}

Error invalid(const std::string& rule, const std::string& why) {
  return {ErrorKind::Invalid, "", "rule \"" + rule + "\": " + why};
}

}  // namespace

Status RuleReader::read(const XmlElement& root) {
  if (root.name == "ValueSetLibrary") return read_value_sets(root);
  const std::pair<const char*, Reader> lists[] = {
      {"Predicates", &RuleReader::read_predicate},
      {"Constraints", &RuleReader::read_statement},
      {"ValueSetBindings", &RuleReader::read_binding},
      {"SingleCodeBindings", &RuleReader::read_binding}};
  for (const auto& [name, reader] : lists)
    if (const auto* list = root.child(name))
      if (auto read = read_contexts(*list, reader); !read) return read;
  return Done{};
}

/// <Segment><ByID ID="OBX_M3"> … and the like.
Status RuleReader::read_contexts(const XmlElement& list, Reader reader) {
  for (const auto& kind : list.children) {
    auto& contexts = kind.name == "Datatype"  ? profile_.data_type_rules_
                     : kind.name == "Segment" ? profile_.segment_rules_
                                              : profile_.group_rules_;
    for (const auto& owner : kind.children) {
      if (owner.is_text()) continue;
      const auto id = owner.has("ID") ? owner.attribute("ID") : owner.attribute("Name");
      for (const auto& rule : owner.children)
        if (!rule.is_text())
          if (auto read = (this->*reader)(rule, contexts[std::string(id)]); !read) return read;
    }
  }
  return Done{};
}

Status RuleReader::read_predicate(const XmlElement& xml, RuleContext& rules) {
  Predicate predicate;
  predicate.id = xml.has("ID") ? xml.attribute("ID") : xml.attribute("Target");
  if (!read_steps(xml.attribute("Target"), predicate.target))
    return invalid(predicate.id, "its target is no path");
  predicate.when_true = usage_of(xml.attribute("TrueUsage"));
  predicate.when_false = usage_of(xml.attribute("FalseUsage"));
  const auto* condition = xml.child("Condition");
  if (!condition || condition->children.empty()) return invalid(predicate.id, "no condition");
  auto read = read_condition(condition->children.front(), predicate.id);
  if (!read) return read.error();
  predicate.condition = std::move(*read);
  rules.predicates.push_back(std::move(predicate));
  return Done{};
}

Status RuleReader::read_statement(const XmlElement& xml, RuleContext& rules) {
  Statement statement;
  statement.id = xml.attribute("ID");
  statement.should = xml.attribute("Strength") == "SHOULD";
  if (const auto* text = xml.child("Description")) statement.text = text->content();
  const auto* assertion = xml.child("Assertion");
  if (!assertion || assertion->children.empty()) return invalid(statement.id, "no assertion");
  auto read = read_condition(assertion->children.front(), statement.id);
  if (!read) return read.error();
  statement.condition = std::move(*read);
  rules.statements.push_back(std::move(statement));
  return Done{};
}

Result<Condition> RuleReader::read_condition(const XmlElement& xml, const std::string& rule) {
  Condition condition;
  const auto kind = kinds().find(xml.name);
  if (kind == kinds().end()) {
    profile_.not_judged_.push_back(rule);
    return condition;
  }
  condition.kind = kind->second;
  const bool pair = condition.kind == Kind::PathValue;
  if (!read_steps(xml.attribute(pair ? "Path1" : "Path"), condition.path) ||
      !read_steps(xml.attribute("Path2"), condition.other))
    return invalid(rule, "what it looks at is no path");
  condition.comparison = xml.attribute("Operator");
  condition.ignore_case = xml.attribute("IgnoreCase") == "true";
  condition.at_least_once =
      xml.attribute("AtLeastOnce") == "true" || xml.attribute("Path1Mode") == "AtLeastOne";
  condition.if_absent = if_absent(xml.attribute("NotPresentBehavior"));
  if (condition.kind == Kind::PlainText) condition.texts = {std::string(xml.attribute("Text"))};
  if (condition.kind == Kind::StringList) condition.texts = comma_separated(xml.attribute("CSV"));
  if (condition.kind == Kind::Format) {
    auto pattern = Pattern::compile(xml.attribute("Regex"));
    if (!pattern) return invalid(rule, pattern.error().text);
    condition.pattern = std::move(*pattern);
  }
  for (const auto& part : xml.children) {
    if (part.is_text()) continue;
    auto read = read_condition(part, rule);
    if (!read) return read;
    condition.parts.push_back(std::move(*read));
  }
  return condition;
}

Status RuleReader::read_binding(const XmlElement& xml, RuleContext& rules) {
  Binding binding;
  if (!read_steps(xml.attribute("Target"), binding.target))
    return invalid("value set binding", "its target is no path");
  const auto* places = xml.child("BindingLocations");
  for (const auto& place : places ? places->children : std::vector<XmlElement>()) {
    Steps code, system;
    if (!read_steps(place.attribute("CodeLocation"), code) ||
        !read_steps(place.attribute("CodeSystemLocation"), system))
      return invalid("value set binding", "a location is no path");
    binding.with_system = binding.with_system || place.has("CodeSystemLocation");
    binding.locations.emplace_back(code, system);
  }
  if (xml.name == "SingleCodeBinding") {
    for (const auto& [code, system] : binding.locations) {
      auto target = binding.target;
      target.insert(target.end(), code.begin(), code.end());
      rules.constants.push_back({target, std::string(xml.attribute("Code"))});
    }
    return Done{};
  }
  if (const auto* sets = xml.child("Bindings"))
    for (const auto& set : sets->children)
      binding.sets.emplace_back(set.attribute("BindingIdentifier"));
  binding.suggested = xml.attribute("BindingStrength") == "S";
  if (xml.attribute("BindingStrength") != "U" && !binding.sets.empty())
    rules.bindings.push_back(std::move(binding));
  return Done{};
}

Status RuleReader::read_value_sets(const XmlElement& root) {
  if (const auto* unchecked = root.child("NoValidation"))
    for (const auto& id : unchecked->children) profile_.not_validated_.insert(id.content());
  for (const auto& list : root.children) {
    if (list.name != "ValueSetDefinitions") continue;
    for (const auto& set : list.children)
      if (set.name == "ValueSetDefinition")
        if (auto read = read_value_set(set); !read) return read;
  }
  return Done{};
}

Status RuleReader::read_value_set(const XmlElement& xml) {
  ValueSet set;
  set.id = xml.attribute("BindingIdentifier");
  set.open = xml.attribute("Extensibility") == "Open" ||
             xml.attribute("ContentDefinition") == "Intensional";
  for (const auto& code : xml.children) {
    if (code.name != "ValueElement") continue;
    if (code.has("CodePattern") && !code.attribute("CodePattern").empty()) {
      auto pattern = Pattern::compile(code.attribute("CodePattern"));
      if (!pattern) return invalid(set.id, pattern.error().text);
      set.patterns.push_back(std::move(*pattern));
    }
    set.codes.emplace(
        code.attribute("Value"),
        ValueSet::Code{std::string(code.attribute("Value")),
                       std::string(code.attribute("CodeSystem")), code.attribute("Usage") == "E"});
  }
  if (set.codes.empty() && set.patterns.empty()) set.open = true;
  profile_.value_sets_[set.id] = std::move(set);
  return Done{};
}

}  // namespace causeway::hl7v2
