// Puts segments in their places, one after the other. Internal to this folder. One use, one thread.
#pragma once

#include "engine/formats/hl7v2/grammar/structure_tree.h"

namespace causeway::hl7v2 {

class StructureBuilder {
 public:
  StructureBuilder(const std::vector<std::string_view>& segments, const StructureDef& structure);
  StructureTree build();

 private:
  /// A group that is open: which of its members was last filled, and how often.
  struct Frame {
    const NodeDef* group;
    std::uint32_t node;  // in the tree; of a choice, that of the group around it
    std::size_t at = 0;
    std::uint32_t count = 0;  // 0: nothing yet
    std::vector<std::pair<std::string_view, std::uint32_t>> numbers = {};
  };
  /// A place that a segment could take: member `member` of the frame at `level`.
  struct Place {
    std::size_t level = 0;
    std::size_t member = 0;
    int cost = 0;  // required nodes left empty on the way
  };

  std::optional<Place> find(std::string_view name) const;
  void look_in(std::string_view name, std::size_t level, int closing,
               std::optional<Place>& best) const;
  int closing_cost(const Frame& frame) const;
  void take(const Place& place, std::uint32_t segment);
  void enter(const NodeDef& group, std::uint32_t segment);
  void pass_over(Frame& frame, std::size_t member, std::uint32_t segment);
  void close_above(std::size_t level, std::uint32_t segment);
  void put_aside(std::uint32_t segment);
  std::uint32_t add_node(Frame& frame, const NodeDef* def, std::uint32_t segment,
                         Standing standing);
  void forgive_misplaced();

  StructureTree tree_;
  std::vector<Frame> frames_;
};

}  // namespace causeway::hl7v2
