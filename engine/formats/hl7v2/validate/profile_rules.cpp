#include "engine/formats/hl7v2/validate/profile_rules.h"

namespace causeway::hl7v2 {
namespace {

constexpr Step every_repetition(int number) {
  return {number, 0};
}

/// The place that is missing: where it would be in its parent.
Spot place_in(const Spot& parent, Step step) {
  Spot spot = parent;
  if (parent.depth == Depth::Segment) {
    spot.field = step.number;
    spot.repetition = std::max(1, step.instance);
  } else if (parent.depth == Depth::Field) {
    spot.component = step.number;
  } else if (parent.depth == Depth::Component) {
    spot.subcomponent = step.number;
  }
  return spot;
}

const char* kind_of(const Spot& parent) {
  switch (parent.depth) {
    case Depth::Group:
      return "segment";
    case Depth::Segment:
      return "field";
    default:
      return "component";
  }
}

}  // namespace

void ProfileRules::run() {
  const auto& nodes = view_.tree().nodes();
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].segment == no_segment) {
      Spot group;
      group.node = i;
      const auto& def = nodes[i].def ? *nodes[i].def : view_.tree().structure().root;
      if (const auto* rules = profile_.for_group(def.id)) apply(*rules, group);
    } else if (nodes[i].def && nodes[i].def->segment) {
      in_segment(view_.segment(i), *nodes[i].def->segment);
    }
  }
}

void ProfileRules::in_segment(const Spot& segment, const SegmentDef& def) {
  if (const auto* rules = profile_.for_segment(def.id)) apply(*rules, segment);
  std::vector<Spot> repetitions;
  for (std::size_t i = 0; i < def.fields.size(); ++i) {
    const int number = static_cast<int>(i) + 1;
    if (segment.text.starts_with("MSH") && number <= 2) continue;
    repetitions.clear();
    view_.members(segment, every_repetition(number), repetitions);
    const auto* type = def.fields[i].type;
    for (const auto& repetition : repetitions) {
      if (const auto* varying = profile_.varying_type(def, number)) {
        std::string first, second;
        for (const auto& by : view_.find(segment, varying->by)) first = view_.value(by.text);
        if (!varying->second.empty())
          for (const auto& by : view_.find(segment, varying->second)) second = view_.value(by.text);
        auto found = varying->cases.find({first, second});
        if (found == varying->cases.end()) found = varying->cases.find({first, ""});
        type = found == varying->cases.end() ? nullptr : found->second;
      }
      in_value(repetition, type);
    }
  }
}

void ProfileRules::in_value(const Spot& value, const DataTypeDef* type) {
  if (!type) return;
  if (const auto* rules = profile_.for_data_type(type->id)) apply(*rules, value);
  if (value.depth == Depth::Subcomponent) return;
  std::vector<Spot> parts;
  for (std::size_t i = 0; i < type->components.size(); ++i)
    if (type->components[i].type) {
      parts.clear();
      view_.members(value, every_repetition(static_cast<int>(i) + 1), parts);
      for (const auto& part : parts) in_value(part, type->components[i].type);
    }
}

void ProfileRules::apply(const RuleContext& rules, const Spot& context) {
  for (const auto& predicate : rules.predicates) apply_predicate(predicate, context);
  for (const auto& statement : rules.statements)
    if (judge(view_, context, statement.condition) == Judgement::Fail)
      findings_.add(view_, context, RuleClass::Conformance, statement.id, statement.text, {},
                    statement.should ? std::optional(Level::Warn) : std::nullopt);
  for (const auto& binding : rules.bindings) apply_binding(binding, context);
  for (const auto& constant : rules.constants)
    for (const auto& spot : view_.find(context, constant.target))
      if (view_.value(spot.text) != constant.value)
        findings_.add(view_, spot, RuleClass::Conformance, "constant",
                      "the profile allows one value here: " + constant.value,
                      view_.value(spot.text));
}

void ProfileRules::apply_predicate(const Predicate& predicate, const Spot& context) {
  const auto judgement = judge(view_, context, predicate.condition);
  if (judgement == Judgement::Inconclusive || predicate.target.empty()) return;
  const auto usage = judgement == Judgement::Pass ? predicate.when_true : predicate.when_false;
  if (usage != Usage::Required && usage != Usage::NotSupported) return;
  Steps parents(predicate.target.begin(), predicate.target.end() - 1);
  for (const auto& parent : view_.find(context, parents))
    apply_usage(predicate, usage, parent, predicate.target.back());
}

void ProfileRules::apply_usage(const Predicate& predicate, Usage usage, const Spot& parent,
                               Step last) {
  std::vector<Spot> found;
  // A field is there if any of its repetitions is.
  view_.members(parent, parent.depth == Depth::Segment ? every_repetition(last.number) : last,
                found);
  std::erase_if(found, [&](const Spot& spot) {
    return spot.depth != Depth::Group && is_empty(spot.text, view_.delimiters());
  });
  const auto why = " under the condition " + predicate.id;
  const std::string what = kind_of(parent);
  const auto rule_class = parent.depth == Depth::Group ? RuleClass::Structure : RuleClass::Usage;
  if (usage == Usage::Required && found.empty())
    findings_.add(view_, place_in(parent, last), rule_class, what + "-missing",
                  "this " + what + " is required" + why + ", and missing");
  if (usage == Usage::NotSupported && !found.empty())
    findings_.add(view_, found.front(), rule_class, what + "-not-supported",
                  "this " + what + " must not be valued" + why, std::string(found.front().text));
}

void ProfileRules::apply_binding(const Binding& binding, const Spot& context) {
  if (!findings_.wanted(RuleClass::Table)) return;
  for (const auto& coded : view_.find(context, binding.target)) check_code(binding, coded);
}

void ProfileRules::check_code(const Binding& binding, const Spot& coded) {
  std::string rule, shown;
  Spot at = coded;
  for (const auto& [code_path, system_path] : binding.locations) {
    const auto codes = view_.find(coded, code_path);
    if (codes.empty()) continue;
    const auto systems = view_.find(coded, system_path);
    const bool with_system = binding.with_system && !systems.empty();
    const auto code = view_.value(codes.front().text);
    if (code == "\"\"") return;
    if (allows(binding, code, with_system ? view_.value(systems.front().text) : "", rule)) return;
    if (shown.empty()) at = codes.front();
    if (shown.empty()) shown = code;
  }
  if (shown.empty()) return;
  std::string names;
  for (const auto& set : binding.sets) names += (names.empty() ? "" : ", ") + set;
  findings_.add(view_, at, RuleClass::Table, rule, "not a code of the value set " + names, shown,
                binding.suggested ? std::optional(Level::Warn) : std::nullopt);
}

/// False: no value set has it; `rule` then says why.
bool ProfileRules::allows(const Binding& binding, const std::string& code,
                          const std::string& system, std::string& rule) const {
  rule = "code-unknown";
  for (const auto& name : binding.sets) {
    const auto* set = profile_.value_set(name);
    if (!set || set->open) return true;
    for (const auto& pattern : set->patterns)
      if (pattern->matches(code).value_or(true)) return true;
    const auto [begin, end] = set->codes.equal_range(code);
    for (auto at = begin; at != end; ++at) {
      if (at->second.excluded) {
        rule = "code-excluded";
      } else if (system.empty() || at->second.system.empty() || at->second.system == system) {
        return true;
      } else {
        rule = "code-system";
      }
    }
  }
  return false;
}

}  // namespace causeway::hl7v2
