#include "engine/formats/hl7v2/grammar/structure_builder.h"

#include <map>

namespace causeway::hl7v2 {
namespace {

constexpr std::string_view any_segment = "ANYHL7SEGMENT";

bool is_required(const NodeDef& node) {
  return node.min > 0;
}

bool may_repeat(const NodeDef& node, std::uint32_t count) {
  return node.max == no_limit || count < node.max;
}

/// Required nodes that are left empty if a segment of this name is the first thing in `node`;
/// nullopt: it has no place in it.
std::optional<int> cost_to_begin(const NodeDef& node, std::string_view name) {
  if (!node.is_group()) return node.name == name ? std::optional<int>(0) : std::nullopt;
  std::optional<int> best;
  int skipped = 0;
  for (const auto& child : node.children) {
    if (const auto inner = cost_to_begin(child, name))
      if (!best || *inner + skipped < *best) best = *inner + skipped;
    if (best == 0) break;
    if (!node.choice && is_required(child)) ++skipped;
  }
  return best;
}

bool knows(const NodeDef& node, std::string_view name) {
  if (!node.is_group()) return node.name == name;
  return std::any_of(node.children.begin(), node.children.end(),
                     [&](const NodeDef& child) { return knows(child, name); });
}

}  // namespace

StructureTree StructureTree::build(const std::vector<std::string_view>& segments,
                                   const StructureDef& structure) {
  return StructureBuilder(segments, structure).build();
}

StructureBuilder::StructureBuilder(const std::vector<std::string_view>& segments,
                                   const StructureDef& structure) {
  tree_.structure_ = &structure;
  tree_.segments_ = segments;
  tree_.nodes_.reserve(segments.size() * 3 / 2 + 2);
  tree_.nodes_.emplace_back();
  frames_.push_back({&structure.root, 0});
}

StructureTree StructureBuilder::build() {
  const auto count = static_cast<std::uint32_t>(tree_.segments_.size());
  for (std::uint32_t segment = 0; segment < count; ++segment) {
    auto place = find(tree_.segments_[segment]);
    if (!place && knows(tree_.structure_->root, any_segment) &&
        !knows(tree_.structure_->root, tree_.segments_[segment]))
      place = find(any_segment);
    if (place)
      take(*place, segment);
    else
      put_aside(segment);
  }
  close_above(0, count);
  pass_over(frames_.front(), frames_.front().group->children.size(), count);
  tree_.nodes_.front().end = static_cast<std::uint32_t>(tree_.nodes_.size());
  forgive_misplaced();
  return std::move(tree_);
}

int StructureBuilder::closing_cost(const Frame& frame) const {
  if (frame.group->choice) return 0;
  const auto& members = frame.group->children;
  int cost = 0;
  for (auto i = frame.count > 0 ? frame.at + 1 : 0; i < members.size(); ++i)
    if (is_required(members[i])) ++cost;
  return cost;
}

/// From the innermost group outwards; the first of the cheapest.
std::optional<StructureBuilder::Place> StructureBuilder::find(std::string_view name) const {
  std::optional<Place> best;
  int closing = 0;
  for (auto level = frames_.size(); level-- > 0;) {
    look_in(name, level, closing, best);
    if (best && best->cost <= closing) break;  // further out it can only cost more
    closing += closing_cost(frames_[level]);
  }
  return best;
}

void StructureBuilder::look_in(std::string_view name, std::size_t level, int closing,
                               std::optional<Place>& best) const {
  const auto& frame = frames_[level];
  const auto& members = frame.group->children;
  const auto offer = [&](std::size_t member, int cost) {
    if (!best || cost < best->cost) best = Place{level, member, cost};
  };
  if (frame.count > 0 && may_repeat(members[frame.at], frame.count))
    if (const auto cost = cost_to_begin(members[frame.at], name)) offer(frame.at, closing + *cost);
  if (frame.group->choice && frame.count > 0) return;
  int skipped = closing;
  for (auto i = frame.count > 0 ? frame.at + 1 : 0; i < members.size(); ++i) {
    if (best && best->cost <= skipped) return;
    if (const auto cost = cost_to_begin(members[i], name)) offer(i, skipped + *cost);
    if (!frame.group->choice && is_required(members[i])) ++skipped;
  }
}

void StructureBuilder::take(const Place& place, std::uint32_t segment) {
  close_above(place.level, segment);
  auto& frame = frames_[place.level];
  if (frame.count > 0 && frame.at == place.member) {
    ++frame.count;
  } else {
    pass_over(frame, place.member, segment);
    frame.at = place.member;
    frame.count = 1;
  }
  const auto& member = frame.group->children[place.member];
  if (member.is_group())
    enter(member, segment);
  else
    add_node(frame, &member, segment, Standing::Expected);
}

/// Opens a group, and those in it that the segment belongs to.
void StructureBuilder::enter(const NodeDef& group, std::uint32_t segment) {
  const auto outer = frames_.back().node;
  const auto node = group.choice ? outer : add_node(frames_.back(), &group, no_segment, {});
  frames_.push_back({&group, node});
  auto name = tree_.segments_[segment];
  if (!cost_to_begin(group, name)) name = any_segment;
  std::optional<Place> best;
  look_in(name, frames_.size() - 1, 0, best);
  take(*best, segment);
}

/// Members of the group up to `member` stay empty.
void StructureBuilder::pass_over(Frame& frame, std::size_t member, std::uint32_t segment) {
  if (frame.group->choice) return;
  for (auto i = frame.count > 0 ? frame.at + 1 : 0; i < member; ++i)
    if (is_required(frame.group->children[i]))
      tree_.missing_.push_back({&frame.group->children[i], frame.node, segment});
}

void StructureBuilder::close_above(std::size_t level, std::uint32_t segment) {
  while (frames_.size() > level + 1) {
    auto& frame = frames_.back();
    pass_over(frame, frame.group->children.size(), segment);
    if (!frame.group->choice)
      tree_.nodes_[frame.node].end = static_cast<std::uint32_t>(tree_.nodes_.size());
    frames_.pop_back();
  }
}

/// A segment that has no place: it stays where it stands.
void StructureBuilder::put_aside(std::uint32_t segment) {
  const auto name = tree_.segments_[segment];
  for (auto level = frames_.size(); level-- > 0;) {
    auto& frame = frames_[level];
    if (frame.count == 0) continue;
    const auto& last = frame.group->children[frame.at];
    if (last.is_group() || last.name != name) continue;
    close_above(level, segment);
    add_node(frame, &last, segment, Standing::Surplus);
    return;
  }
  const bool known = knows(tree_.structure_->root, name);
  add_node(frames_.back(), nullptr, segment, known ? Standing::Misplaced : Standing::Unknown);
}

std::uint32_t StructureBuilder::add_node(Frame& frame, const NodeDef* def, std::uint32_t segment,
                                         Standing standing) {
  // A choice counts with the group that it is in.
  auto* around = &frame;
  while (around->group->choice) --around;
  const auto name = segment != no_segment ? tree_.segments_[segment] : def->name;
  auto number = std::find_if(around->numbers.begin(), around->numbers.end(),
                             [&](const auto& entry) { return entry.first == name; });
  if (number == around->numbers.end())
    number = around->numbers.insert(around->numbers.end(), {name, 0});
  const auto index = static_cast<std::uint32_t>(tree_.nodes_.size());
  tree_.nodes_.push_back({def, segment, frame.node, index + 1, ++number->second, standing});
  return index;
}

/// A required segment that stands elsewhere is out of place, not missing.
void StructureBuilder::forgive_misplaced() {
  std::map<std::string_view, int> misplaced;
  for (const auto& node : tree_.nodes_)
    if (node.standing == Standing::Misplaced) ++misplaced[tree_.segments_[node.segment]];
  std::erase_if(tree_.missing_, [&](const MissingNode& missing) {
    const auto at = misplaced.find(missing.def->name);
    return at != misplaced.end() && at->second-- > 0;
  });
}

}  // namespace causeway::hl7v2
