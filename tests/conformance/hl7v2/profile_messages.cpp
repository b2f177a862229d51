#include "tests/conformance/hl7v2/profile_messages.h"

#include <map>

#include "engine/formats/hl7v2/grammar/structure_tree.h"

namespace causeway::hl7v2::conformance {
namespace {

constexpr int mendings_max = 400;
constexpr int tries_max = 4;  // of one finding: another may undo what it calls for
/// Of the profiles that don't say.
constexpr std::string_view version_assumed = "2.5.1";

std::string_view type_of(const ElementDef& element) {
  return element.type ? element.type->name : element.type_name;
}

const ElementDef* nth(const std::vector<ElementDef>& elements, int n) {
  return n > 0 && static_cast<std::size_t>(n) <= elements.size()
             ? &elements[static_cast<std::size_t>(n) - 1]
             : nullptr;
}

}  // namespace

std::string value_of_type(std::string_view type, std::uint32_t min, std::uint32_t max) {
  std::string text = "x";
  if (type == "NM" || type == "SI" || type == "SNM") text = "1";
  if (type == "DT") text = "20240102";
  if (type == "TM") text = "120000";
  if (type == "DTM" || type == "TS") text = "20240102120000";
  if ((type == "DTM" || type == "TS") && min > 14) text += "+0000";
  const auto filler = text.back();
  while (text.size() < min) text.insert(text.begin(), filler);
  if (max != no_limit && text.size() > max) text.resize(max);
  return text;
}

Path path_of(const Location& at) {
  Path path;
  path.segment = at.segment;
  path.segment_index = at.segment_number;
  path.field = at.field;
  path.repetition = at.repetition;
  path.component = at.component;
  path.subcomponent = at.subcomponent;
  return path;
}

Message MessageMaker::make() {
  std::string text;
  add_members(wanted_.structure.root, text);
  auto message = Message::parse(make_bytes(std::move(text)));
  if (!message)
    return *make_message({.type = "", .version = "", .control_id = "", .timestamp = ""});
  std::map<std::string, int> tries;
  for (int i = 0; i < mendings_max; ++i) {
    const auto report = check(*message);
    bool mended = false;
    for (const auto& finding : report.findings) {
      auto& tried = tries[finding.rule + to_string(finding.location)];
      mended = tried < tries_max && mend(*message, finding);
      tried += mended ? 1 : 0;
      if (mended) break;
    }
    if (!mended) break;
  }
  return *message;
}

ValidationReport MessageMaker::check(const Message& message) const {
  ValidationOptions options;
  options.profile = profile_;
  options.levels.of.fill(Level::Reject);
  return validate(message, options);
}

void MessageMaker::add_members(const NodeDef& group, std::string& out) const {
  for (const auto& member : group.children) {
    if (member.usage != Usage::Required && member.min == 0) continue;
    for (std::uint32_t i = 0; i < std::max(member.min, 1U); ++i) {
      const auto before = out.size();
      if (member.is_group()) add_members(member, out);
      // A group of which nothing is required is begun by its first segment.
      const auto& one = member.is_group() ? member.children.front() : member;
      if (out.size() == before && one.segment) out += segment(*one.segment) + "\r";
    }
  }
}

std::string MessageMaker::observation_type(const SegmentDef& def) const {
  const auto* varying = profile_->varying_type(def, 5);
  if (!varying || varying->cases.empty()) return "ST";
  for (const auto& [key, type] : varying->cases)
    if (key.first == "ST" || key.first == "NM") return key.first;
  return varying->cases.begin()->first.first;
}

std::string MessageMaker::segment(const SegmentDef& def) const {
  if (def.name == "MSH") return header(def);
  std::string text(def.name);
  for (std::size_t i = 0; i < def.fields.size(); ++i) {
    text += '|';
    if (def.fields[i].usage != Usage::Required) continue;
    text += def.name == "OBX" && i == 1 ? observation_type(def) : value(def.fields[i], false);
  }
  while (text.ends_with('|')) text.pop_back();
  return text;
}

std::string MessageMaker::header(const SegmentDef& def) const {
  std::string text = "MSH|^~\\&";
  for (std::size_t i = 2; i < def.fields.size(); ++i) {
    text += '|';
    if (i == 8)
      text += std::string(wanted_.type) + "^" + std::string(wanted_.event) + "^" +
              std::string(wanted_.structure.name);
    else if (i == 10)
      text += "P";
    else if (i == 11)
      text += profile_->version().empty() ? version_assumed : profile_->version();
    else if (def.fields[i].usage == Usage::Required)
      text += value(def.fields[i], false);
  }
  while (text.ends_with('|')) text.pop_back();
  return text;
}

std::string MessageMaker::value(const ElementDef& element, bool inner) const {
  if (!element.type || element.type->components.empty())
    return value_of_type(type_of(element), element.min_length, element.max_length);
  if (inner) return value(element.type->components.front(), true);
  std::string text;
  for (const auto& component : element.type->components) {
    if (component.usage == Usage::Required) {
      if (component.type && !component.type->components.empty()) {
        for (const auto& part : component.type->components)
          text += (part.usage == Usage::Required ? value(part, true) : "") + "&";
        while (text.ends_with('&')) text.pop_back();
        if (text.empty() || text.back() == '^') text += value(component, true);
      } else {
        text += value(component, true);
      }
    }
    text += '^';
  }
  while (text.ends_with('^')) text.pop_back();
  return text.empty() ? value(element.type->components.front(), true) : text;
}

const ElementDef* MessageMaker::element_at(const Message& message, const Location& at) const {
  const auto tree = StructureTree::build(segment_names(message), wanted_.structure);
  const auto index = message.find_segment(at.segment, at.segment_number);
  for (const auto& node : tree.nodes()) {
    if (!index || node.segment != *index || !node.def || !node.def->segment) continue;
    const auto* element = nth(node.def->segment->fields, at.field);
    if (element && at.component > 0)
      element = element->type ? nth(element->type->components, at.component) : nullptr;
    if (element && at.subcomponent > 0)
      element = element->type ? nth(element->type->components, at.subcomponent) : nullptr;
    return element;
  }
  return nullptr;
}

bool MessageMaker::set(Message& message, const Location& at, const std::string& text) const {
  const auto before = message.raw(path_of(at));
  if (at.field == 0 || (before == text && message.presence(path_of(at)) != Presence::Absent))
    return false;
  return message.set_raw(path_of(at), text).ok() && message.raw(path_of(at)) == text;
}

bool MessageMaker::mend(Message& message, const Finding& finding) const {
  const auto& rule = finding.rule;
  if (rule.ends_with("-not-supported") || rule == "component-unknown")
    return set(message, finding.location, "");
  if (rule == "segment-missing") return add_segment(message, finding);
  if (rule.starts_with("code-")) return give_code(message, finding);
  if (rule == "constant")
    return set(message, finding.location, finding.text.substr(finding.text.rfind(": ") + 2));
  const auto* element = element_at(message, finding.location);
  if (rule.starts_with("type-") && element)
    return set(message, finding.location,
               value_of_type(rule.substr(5), element->min_length, element->max_length));
  if (element &&
      (rule == "field-missing" || rule == "component-missing" || rule.starts_with("too-")))
    return set(message, finding.location, value(*element, finding.location.component > 0));
  if (element && rule == "field-too-few") {
    auto path = path_of(finding.location);
    path.repetition = static_cast<int>(element->min);
    return message.set_raw(path, value(*element, false)).ok();
  }
  if (finding.rule_class != RuleClass::Conformance) return false;
  for (const auto& [id, def] : profile_->segments())
    if (const auto* rules = finding.location.field > 0 ? nullptr : profile_->for_segment(id))
      for (const auto& statement : rules->statements)
        if (statement.id == rule && def.name == finding.location.segment &&
            satisfy(message, finding.location, statement.condition))
          return true;
  for (const auto& [id, def] : profile_->data_types())
    if (const auto* rules = finding.location.field == 0 ? nullptr : profile_->for_data_type(id))
      for (const auto& statement : rules->statements)
        if (statement.id == rule && satisfy(message, finding.location, statement.condition))
          return true;
  return false;
}

/// What a condition asks for, into the group that it is declared for.
bool MessageMaker::add_segment(Message& message, const Finding& finding) const {
  const auto tree = StructureTree::build(segment_names(message), wanted_.structure);
  const auto& nodes = tree.nodes();
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].segment != no_segment) continue;
    const auto& group = nodes[i].def ? *nodes[i].def : wanted_.structure.root;
    const auto* rules = profile_->for_group(group.id);
    for (const auto& predicate : rules ? rules->predicates : std::vector<Predicate>()) {
      if (!finding.text.ends_with("condition " + predicate.id + ", and missing")) continue;
      const auto number = static_cast<std::size_t>(predicate.target.back().number);
      if (predicate.target.size() != 1 || number > group.children.size()) continue;
      const auto& member = group.children[number - 1];
      std::size_t place = 0;
      for (auto node = i + 1; node < nodes[i].end; ++node)
        for (std::size_t before = 0; before + 1 < number; ++before)
          if (nodes[node].def == &group.children[before] && nodes[node].segment != no_segment)
            place = nodes[node].segment + 1;
      if (place > 0 && member.segment && !message.find_segment(member.name))
        return message.insert_segment(place, segment(*member.segment)).ok();
    }
  }
  return false;
}

bool MessageMaker::give_code(Message& message, const Finding& finding) const {
  auto names = finding.text.substr(finding.text.rfind("value set ") + 10);
  const auto* set_of_codes = profile_->value_set(names.substr(0, names.find(',')));
  if (!set_of_codes) return false;
  for (const auto& [code, entry] : set_of_codes->codes) {
    if (entry.excluded) continue;
    auto at = finding.location;
    bool changed = set(message, at, code);
    if (!entry.system.empty() && at.component != 0) {
      at.component += 2;  // CE and CWE: code, text, system; twice
      changed = set(message, at, entry.system) || changed;
    }
    return changed;
  }
  return false;
}

bool MessageMaker::satisfy(Message& message, const Location& at, const Condition& condition) const {
  using Kind = Condition::Kind;
  Location place = at;
  int* const levels[] = {&place.field, &place.component, &place.subcomponent};
  std::size_t level = at.subcomponent > 0 ? 3 : at.component > 0 ? 2 : at.field > 0 ? 1 : 0;
  for (const auto& step : condition.path)
    if (level < std::size(levels)) {
      if (level == 0 && step.instance > 0) place.repetition = step.instance;
      *levels[level++] = step.number;
    }
  if (place.field > 0 && place.repetition == 0) place.repetition = 1;
  switch (condition.kind) {
    case Kind::PlainText:
    case Kind::StringList:
      return !condition.texts.empty() && set(message, place, condition.texts.front());
    case Kind::Presence:
      return set(message, place, "1");
    case Kind::SetId:
      return set(message, place, std::to_string(at.segment_number));
    case Kind::Format:
      for (const auto* text :
           {"2.16.840.1.113883.3.72", "20240102120000+0000", "20240102120000.1234+0000", "1", "A",
            "20240102", "+0000", "12345", "1234567890", "ABC"})
        if (condition.pattern->matches(text).value_or(false)) return set(message, place, text);
      return false;
    case Kind::And:
    case Kind::Or:
    case Kind::Xor:
      for (const auto& part : condition.parts)
        if (satisfy(message, at, part)) return true;
      return false;
    case Kind::Imply:
      return condition.parts.size() > 1 && satisfy(message, at, condition.parts[1]);
    default:
      return false;
  }
}

}  // namespace causeway::hl7v2::conformance
