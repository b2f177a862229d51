#include "engine/formats/hl7v2/grammar/structure_tree.h"

namespace causeway::hl7v2 {

std::vector<std::string_view> segment_names(const Message& message) {
  std::vector<std::string_view> names;
  names.reserve(message.segment_count());
  for (std::size_t i = 0; i < message.segment_count(); ++i)
    names.push_back(message.segment_name(i));
  return names;
}

std::string_view StructureTree::name(const TreeNode& node) const {
  if (node.segment != no_segment) return segments_[node.segment];
  return node.def ? node.def->name : structure_->name;
}

std::string StructureTree::path_of(std::uint32_t node) const {
  if (node == 0) return {};
  std::string path = path_of(nodes_[node].parent);
  if (!path.empty()) path += '/';
  path += name(nodes_[node]);
  if (nodes_[node].number > 1) path += "[" + std::to_string(nodes_[node].number) + "]";
  return path;
}

}  // namespace causeway::hl7v2
