// Validator: segments and groups.
#include "engine/formats/hl7v2/validate/profile.h"
#include "engine/formats/hl7v2/validate/validator.h"

namespace causeway::hl7v2 {
namespace {

std::string title_of(const NodeDef& node) {
  if (node.choice) {
    std::string names;
    for (const auto& child : node.children)
      names += (names.empty() ? "" : ", ") + std::string(child.name);
    return "one of " + names;
  }
  std::string text = (node.is_group() ? "the group " : "the segment ") + std::string(node.name);
  if (node.segment && !node.segment->title.empty())
    text += " (" + std::string(node.segment->title) + ")";
  return text;
}

}  // namespace

void Validator::run() {
  check_missing();
  check_nodes();
}

void Validator::check_missing() {
  for (const auto& missing : view_.tree().missing()) {
    Spot group;
    group.node = missing.group;
    const auto where = view_.group_of(group);
    findings_.add(view_, group, RuleClass::Structure,
                  missing.def->is_group() ? "group-missing" : "segment-missing",
                  title_of(*missing.def) + " is required" + (where.empty() ? "" : " in " + where) +
                      ", and missing");
  }
}

void Validator::check_nodes() {
  const auto& nodes = view_.tree().nodes();
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].segment == no_segment) {
      Spot group;
      group.node = i;
      check_group(group);
      continue;
    }
    const auto spot = view_.segment(i);
    check_standing(spot);
    const auto* def = nodes[i].def ? nodes[i].def->segment : nullptr;
    if (!def && !profile_) def = grammar_.segment(view_.tree().name(nodes[i]));
    if (def) check_segment(spot, *def);
  }
}

/// How often members are there that have bounds other than one and any number.
void Validator::check_group(const Spot& group) {
  const auto& nodes = view_.tree().nodes();
  const auto* def = nodes[group.node].def ? nodes[group.node].def : &view_.tree().structure().root;
  if (nodes[group.node].def && def->usage == Usage::NotSupported)
    findings_.add(view_, group, RuleClass::Structure, "group-not-supported",
                  title_of(*def) + " must not be there");
  for (std::size_t i = 0; i < def->children.size(); ++i) {
    const auto& member = def->children[i];
    if (member.min <= 1) continue;
    std::vector<Spot> found;
    view_.members(group, {static_cast<int>(i) + 1, 0}, found);
    if (!found.empty() && found.size() < member.min)
      findings_.add(
          view_, group, RuleClass::Structure, "segment-too-few",
          title_of(member) + " must be there at least " + std::to_string(member.min) + " times");
  }
}

void Validator::check_standing(const Spot& segment) {
  const auto& node = view_.tree().nodes()[segment.node];
  const auto name = std::string(view_.tree().name(node));
  switch (node.standing) {
    case Standing::Expected:
      if (node.def && node.def->usage == Usage::NotSupported)
        findings_.add(view_, segment, RuleClass::Structure, "segment-not-supported",
                      title_of(*node.def) + " must not be there");
      break;
    case Standing::Surplus:
      findings_.add(view_, segment, RuleClass::Structure, "segment-surplus",
                    title_of(*node.def) + " is there more often than it may be");
      break;
    case Standing::Misplaced:
      findings_.add(view_, segment, RuleClass::Structure, "segment-misplaced",
                    "this segment is out of order: the message structure has no place for it here");
      break;
    case Standing::Unknown:
      if (!name.starts_with('Z'))
        findings_.add(view_, segment, RuleClass::Structure, "segment-unknown",
                      "the message structure has no such segment");
      break;
  }
}

}  // namespace causeway::hl7v2
