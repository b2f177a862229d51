// A message's segments as its message structure groups them: ORU_R01 is PATIENT_RESULT with PATIENT
// and ORDER_OBSERVATION in it, and so on.
//
// Nothing is refused: segments that the structure doesn't know (Z-segments) stay where they stand,
// in the group that is open there; what is missing, surplus or out of place is listed. Each segment
// goes to the nearest place that leaves out the fewest required segments. Time is linear in the
// number of segments (each looks at the structure's places at most once).
//
// A plain value; its definitions and names are views into the Grammar and the segment names given.
// Standard: HL7 v2.x chapter 2.12 "Chapter formats for defining HL7 messages".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/hl7v2/grammar/grammar.h"
#include "engine/formats/hl7v2/message.h"

namespace causeway::hl7v2 {

enum class Standing : std::uint8_t {
  Expected,
  Surplus,    ///< One more than its place may have.
  Misplaced,  ///< Known to the structure, but not here.
  Unknown,    ///< Not in the structure: a Z-segment, or one of another message.
};

inline constexpr std::uint32_t no_segment = 0xffffffff;

struct TreeNode {
  const NodeDef* def = nullptr;        ///< Null: a segment that has no place here.
  std::uint32_t segment = no_segment;  ///< Its index in the message; `no_segment`: a group.
  std::uint32_t parent = 0;
  std::uint32_t end = 0;     ///< Nodes up to here, exclusive, are in it.
  std::uint32_t number = 1;  ///< Among those of its name in its group.
  Standing standing = Standing::Expected;
};

struct MissingNode {
  const NodeDef* def;
  std::uint32_t group;   ///< Node that lacks it.
  std::uint32_t before;  ///< Segment at which this was seen; the number of segments: at the end.
};

class StructureTree {
 public:
  static StructureTree build(const std::vector<std::string_view>& segments,
                             const StructureDef& structure);

  const StructureDef& structure() const { return *structure_; }
  /// In order of the message; the first is the message itself. A node's members follow it.
  const std::vector<TreeNode>& nodes() const { return nodes_; }
  const std::vector<MissingNode>& missing() const { return missing_; }
  std::string_view name(const TreeNode& node) const;
  /// "PATIENT_RESULT/ORDER_OBSERVATION[2]"; empty for the message itself.
  std::string path_of(std::uint32_t node) const;

 private:
  friend class StructureBuilder;

  const StructureDef* structure_ = nullptr;
  std::vector<std::string_view> segments_;
  std::vector<TreeNode> nodes_;
  std::vector<MissingNode> missing_;
};

/// What stands before the first field separator of each segment.
std::vector<std::string_view> segment_names(const Message& message);

struct ChosenStructure {
  const StructureDef* structure = nullptr;  ///< Null: no version could be told, or no segments.
  bool best_fit = false;  ///< MSH-9 names none that the version has: the one that fits best.
};
/// By MSH-9 and MSH-12; where that says nothing, among those of the message type, then among all,
/// the one that most segments of the message's beginning have a place in.
ChosenStructure choose_structure(const Grammar& grammar, std::string_view message_type,
                                 char component_separator,
                                 const std::vector<std::string_view>& segments);

}  // namespace causeway::hl7v2
