#include "engine/formats/hl7v2/validate/profile_reader.h"

#include <charconv>

namespace causeway::hl7v2 {
namespace {

constexpr int group_depth_max = 20;

std::uint32_t number_or(std::string_view text, std::uint32_t otherwise) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : otherwise;
}

/// "1", "*", and 0 where something must not be there: its usage says so.
std::uint32_t max_of(std::string_view text) {
  return text == "*" ? no_limit : std::max<std::uint32_t>(1, number_or(text, 1));
}

}  // namespace

Usage usage_of(std::string_view word) {
  if (word == "R") return Usage::Required;
  if (word == "RE") return Usage::MayBeEmpty;
  if (word == "X") return Usage::NotSupported;
  if (word == "B") return Usage::Backward;
  if (word == "W") return Usage::Withdrawn;
  return word.starts_with('C') ? Usage::Conditional : Usage::Optional;
}

std::string_view ProfileReader::keep(std::string_view text) {
  return profile_.texts_.emplace_back(text);
}

Status ProfileReader::read(const XmlElement& root) {
  profile_.version_ = keep(root.attribute("HL7Version"));
  if (const auto* about = root.child("MetaData")) profile_.name_ = keep(about->attribute("Name"));
  if (const auto* types = root.child("Datatypes")) read_data_types(*types);
  if (const auto* segments = root.child("Segments")) read_segments(*segments);
  const auto* messages = root.child("Messages");
  if (!messages) return Error{ErrorKind::Invalid, "", "the profile has no <Messages>"};
  connect();
  return read_messages(*messages);
}

ElementDef ProfileReader::read_element(const XmlElement& xml) {
  ElementDef element;
  element.name = keep(xml.attribute("Name"));
  element.type_name = keep(xml.attribute("Datatype"));
  element.usage = usage_of(xml.attribute("Usage"));
  element.min = number_or(xml.attribute("Min"), 0);
  element.max = xml.has("Max") ? max_of(xml.attribute("Max")) : 1;
  element.min_length = number_or(xml.attribute("MinLength"), 0);
  element.max_length = number_or(xml.attribute("MaxLength"), no_limit);
  return element;
}

/// Value sets and constants that stand at a field or component itself.
void ProfileReader::read_own_rules(const XmlElement& owner, const char* part, RuleContext& rules) {
  int number = 0;
  for (const auto& xml : owner.children) {
    if (xml.name != part) continue;
    const Steps target = {{++number, 0}};
    if (xml.has("ConstantValue"))
      rules.constants.push_back({target, std::string(xml.attribute("ConstantValue"))});
    auto names = xml.attribute("Binding");
    if (names.empty()) continue;
    Binding binding;
    binding.target = target;
    binding.suggested = xml.attribute("BindingStrength") == "S";
    while (!names.empty()) {
      const auto end = std::min(names.find(':'), names.size());
      binding.sets.emplace_back(names.substr(0, end));
      names.remove_prefix(std::min(end + 1, names.size()));
    }
    auto places = xml.has("BindingLocation") ? xml.attribute("BindingLocation") : ".";
    while (!places.empty()) {
      const auto end = std::min(places.find(':'), places.size());
      Steps steps;
      if (read_steps(places.substr(0, end), steps)) binding.locations.push_back({steps, {}});
      places.remove_prefix(std::min(end + 1, places.size()));
    }
    if (xml.attribute("BindingStrength") != "U") rules.bindings.push_back(std::move(binding));
  }
}

void ProfileReader::read_data_types(const XmlElement& list) {
  for (const auto& xml : list.children) {
    if (xml.name != "Datatype") continue;
    const auto id = keep(xml.attribute("ID"));
    DataTypeDef type{id, keep(xml.attribute("Name")), keep(xml.attribute("Description")), {}};
    for (const auto& component : xml.children)
      if (component.name == "Component") type.components.push_back(read_element(component));
    read_own_rules(xml, "Component", profile_.data_type_rules_[std::string(id)]);
    profile_.data_types_[id] = std::move(type);
  }
}

void ProfileReader::read_segments(const XmlElement& list) {
  for (const auto& xml : list.children) {
    if (xml.name != "Segment") continue;
    const auto id = keep(xml.attribute("ID"));
    SegmentDef segment{id, keep(xml.attribute("Name")), keep(xml.attribute("Description")), {}};
    for (const auto& field : xml.children)
      if (field.name == "Field") segment.fields.push_back(read_element(field));
    read_own_rules(xml, "Field", profile_.segment_rules_[std::string(id)]);
    if (const auto* varying = xml.child("DynamicMapping"))
      read_varying(*varying, profile_.varying_[id]);
    profile_.segments_[id] = std::move(segment);
  }
}

void ProfileReader::read_varying(const XmlElement& xml, std::vector<VaryingType>& all) {
  for (const auto& mapping : xml.children) {
    if (mapping.name != "Mapping") continue;
    VaryingType varying;
    varying.position = static_cast<int>(number_or(mapping.attribute("Position"), 0));
    if (!read_steps(mapping.attribute("Reference"), varying.by) ||
        !read_steps(mapping.attribute("SecondReference"), varying.second))
      continue;
    for (const auto& one : mapping.children) {
      const auto type = profile_.data_types_.find(one.attribute("Datatype"));
      if (one.name == "Case" && type != profile_.data_types_.end())
        varying.cases[{std::string(one.attribute("Value")),
                       std::string(one.attribute("SecondValue"))}] = &type->second;
    }
    all.push_back(std::move(varying));
  }
}

/// Types by their ids; lengths are those of primitives alone.
void ProfileReader::connect() {
  const auto connect_one = [&](ElementDef& element) {
    const auto type = profile_.data_types_.find(element.type_name);
    if (type == profile_.data_types_.end()) return;
    element.type = &type->second;
    if (element.type->components.empty()) return;
    element.min_length = 0;
    element.max_length = no_limit;
  };
  for (auto& [id, type] : profile_.data_types_)
    for (auto& component : type.components) connect_one(component);
  for (auto& [id, segment] : profile_.segments_)
    for (auto& field : segment.fields) connect_one(field);
}

bool ProfileReader::read_node(const XmlElement& xml, NodeDef& node, int depth) {
  const bool group = xml.name == "Group";
  if (depth > group_depth_max || (!group && xml.name != "Segment")) return false;
  node.usage = usage_of(xml.attribute("Usage"));
  node.min = number_or(xml.attribute("Min"), 0);
  node.max = max_of(xml.attribute("Max"));
  if (!group) {
    const auto segment = profile_.segments_.find(xml.attribute("Ref"));
    if (segment == profile_.segments_.end()) return false;
    node.segment = &segment->second;
    node.name = segment->second.name;
    return true;
  }
  node.id = keep(xml.attribute("ID"));
  node.name = keep(xml.attribute("Name"));
  for (const auto& child : xml.children)
    if (!read_node(child, node.children.emplace_back(), depth + 1)) return false;
  return !node.children.empty();
}

Status ProfileReader::read_messages(const XmlElement& list) {
  for (const auto& xml : list.children) {
    if (xml.name != "Message") continue;
    auto& message = profile_.messages_.emplace_back();
    message.type = keep(xml.attribute("Type"));
    message.event = keep(xml.attribute("Event"));
    message.id = keep(xml.has("ID") ? xml.attribute("ID") : xml.attribute("Identifier"));
    message.structure.name = keep(xml.attribute("StructID"));
    message.structure.root.name = message.structure.name;
    message.structure.root.id = message.id;
    for (const auto& child : xml.children)
      if (!read_node(child, message.structure.root.children.emplace_back(), 1))
        return Error{ErrorKind::Invalid, "",
                     "the profile's message has a <" + child.name +
                         "> that is no group and no segment that it defines"};
    if (message.structure.root.children.empty())
      return Error{ErrorKind::Invalid, "", "the profile has a message without segments"};
  }
  if (profile_.messages_.empty())
    return Error{ErrorKind::Invalid, "", "the profile has no <Message>"};
  return Done{};
}

}  // namespace causeway::hl7v2
