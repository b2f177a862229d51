#include "engine/formats/hl7v2/grammar/structure_tree.h"

#include <charconv>

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

namespace {

struct GroupStep {
  std::string_view name;
  int number = 1;
};

/// "ORDER_OBSERVATION[2]"
std::optional<GroupStep> read_step(std::string_view text) {
  GroupStep step;
  step.name = text.substr(0, text.find('['));
  if (step.name.empty()) return std::nullopt;
  auto rest = text.substr(step.name.size());
  if (rest.empty()) return step;
  if (!rest.ends_with(']')) return std::nullopt;
  rest = rest.substr(1, rest.size() - 2);
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), step.number);
  if (error != std::errc() || end != rest.data() + rest.size() || step.number < 1)
    return std::nullopt;
  return step;
}

}  // namespace

std::optional<std::uint32_t> StructureTree::nth_group(std::uint32_t in, std::string_view name,
                                                      int n) const {
  for (std::uint32_t i = in + 1; i < nodes_[in].end; ++i)
    if (nodes_[i].segment == no_segment && nodes_[i].def->name == name && --n == 0) return i;
  return std::nullopt;
}

Result<Path> StructureTree::resolve(std::string_view text) const {
  const auto whole = text;
  const auto bad = [&](ErrorKind kind, const char* why) {
    return Error{kind, std::string(whole), why};
  };
  std::uint32_t scope = 0;
  for (auto slash = text.find('/'); slash != std::string_view::npos; slash = text.find('/')) {
    const auto step = read_step(text.substr(0, slash));
    if (!step) return bad(ErrorKind::Invalid, "a group is written GROUP or GROUP[2]");
    const auto group = nth_group(scope, step->name, step->number);
    if (!group) return bad(ErrorKind::NotFound, "the message has no such group");
    scope = *group;
    text.remove_prefix(slash + 1);
  }
  auto path = parse_path(text);
  if (!path || scope == 0) return path;
  int left = std::max(1, path->segment_index);
  for (std::uint32_t i = scope + 1; i < nodes_[scope].end; ++i) {
    const auto segment = nodes_[i].segment;
    if (segment == no_segment || segments_[segment] != path->segment || --left > 0) continue;
    const auto begin = segments_.begin();
    path->segment_index =
        static_cast<int>(std::count(begin, begin + segment + 1, segments_[segment]));
    return path;
  }
  return bad(ErrorKind::NotFound, "the group has no such segment");
}

}  // namespace causeway::hl7v2
