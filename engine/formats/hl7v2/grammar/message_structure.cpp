#include "engine/formats/hl7v2/grammar/message_structure.h"

namespace causeway::hl7v2 {
namespace {

/// Groups of the tree by their segments. A node's segments follow it, so the last of a group is the
/// one before its end.
GroupPlaces places_of(const StructureTree& tree, std::size_t segments) {
  GroupPlaces places;
  std::vector<std::uint32_t> place_of(tree.nodes().size());
  std::uint32_t next = static_cast<std::uint32_t>(segments);
  for (std::uint32_t i = 0; i < tree.nodes().size(); ++i) {
    const auto& node = tree.nodes()[i];
    if (node.segment != no_segment) continue;
    place_of[i] = static_cast<std::uint32_t>(places.size());
    places.push_back({tree.name(node), node.number, place_of[node.parent], {}});
  }
  // Backwards: the first segment of what follows a group ends it.
  std::vector<std::uint32_t> first_from(tree.nodes().size() + 1, next);
  for (auto i = tree.nodes().size(); i-- > 0;) {
    const auto segment = tree.nodes()[i].segment;
    first_from[i] = segment == no_segment ? first_from[i + 1] : segment;
  }
  std::size_t place = 0;
  for (std::size_t i = 0; i < tree.nodes().size(); ++i) {
    const auto& node = tree.nodes()[i];
    if (node.segment == no_segment) places[place++].range = {first_from[i], first_from[node.end]};
  }
  return places;
}

struct StructureGroups final : GroupFinder {
  GroupPlaces groups_of(const Message& message) const override {
    const auto structure = read_structure(message);
    return structure.tree ? places_of(*structure.tree, message.segment_count()) : GroupPlaces();
  }
};

}  // namespace

MessageStructure read_structure(const Message& message, std::string_view version) {
  static const Path version_field = *parse_path("MSH-12.1");
  static const Path type_field = *parse_path("MSH-9");
  MessageStructure structure;
  const auto declared = version.empty() ? message.get(version_field) : std::string(version);
  structure.grammar = Grammar::find(declared);
  if (!structure.grammar) {
    structure.version_known = false;
    structure.grammar = Grammar::find(version_assumed);
  }
  const auto names = segment_names(message);
  structure.chosen = choose_structure(*structure.grammar, message.raw(type_field),
                                      message.delimiters().component, names);
  if (structure.chosen.structure)
    structure.tree = StructureTree::build(names, *structure.chosen.structure);
  return structure;
}

std::shared_ptr<const GroupFinder> structure_groups() {
  static const auto finder = std::make_shared<const StructureGroups>();
  return finder;
}

}  // namespace causeway::hl7v2
