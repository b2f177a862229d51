#include <set>

#include "engine/formats/hl7v2/grammar/structure_tree.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

/// What a choice looks at of a long message, and how many structures it tries in full.
constexpr std::size_t segments_looked_at = 100;
constexpr std::size_t structures_tried = 6;

void collect(const NodeDef& node, std::set<std::string_view>& names) {
  if (!node.is_group()) names.insert(node.name);
  for (const auto& child : node.children) collect(child, names);
}

/// Segments that have a place, less what is missing or has none.
long fit(const StructureDef& structure, const std::vector<std::string_view>& segments) {
  const auto tree = StructureTree::build(segments, structure);
  long score = 0;
  for (const auto& node : tree.nodes())
    if (node.segment != no_segment) score += node.standing == Standing::Expected ? 2 : -2;
  return score - static_cast<long>(tree.missing().size());
}

const StructureDef* best_of(const std::vector<const StructureDef*>& candidates,
                            const std::vector<std::string_view>& segments) {
  const std::set<std::string_view> present(segments.begin(), segments.end());
  std::vector<std::pair<long, const StructureDef*>> rough;
  for (const auto* candidate : candidates) {
    std::set<std::string_view> names;
    collect(candidate->root, names);
    const auto known = std::count_if(present.begin(), present.end(),
                                     [&](auto name) { return names.contains(name); });
    rough.emplace_back(known, candidate);
  }
  std::stable_sort(rough.begin(), rough.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  rough.resize(std::min(rough.size(), structures_tried));
  const StructureDef* best = nullptr;
  long best_score = 0;
  for (const auto& [known, candidate] : rough) {
    const auto score = fit(*candidate, segments);
    if (best && score <= best_score) continue;
    best = candidate;
    best_score = score;
  }
  return best;
}

}  // namespace

ChosenStructure choose_structure(const Grammar& grammar, std::string_view message_type,
                                 char component_separator,
                                 const std::vector<std::string_view>& segments) {
  if (segments.empty()) return {};
  const auto component = [&](int n) {
    return part(message_type, component_separator, n).value_or(std::string_view());
  };
  const auto type = component(1);
  if (const auto* named = grammar.structure_of(type, component(2), component(3)))
    return {named, false};
  std::vector<const StructureDef*> same_type, all;
  for (const auto& [name, structure] : grammar.structures()) {
    all.push_back(&structure);
    if (!type.empty() && name.substr(0, name.find('_')) == type) same_type.push_back(&structure);
  }
  std::vector<std::string_view> beginning(
      segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(
                                               std::min(segments.size(), segments_looked_at)));
  return {best_of(same_type.empty() ? all : same_type, beginning), true};
}

}  // namespace causeway::hl7v2
