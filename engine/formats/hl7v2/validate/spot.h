// A place in a message that rules look at, from the message itself down to a subcomponent, and the
// way from one to what is in it. Internal to validation. Values; views into the message.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/hl7v2/grammar/structure_tree.h"
#include "engine/formats/hl7v2/validate/finding.h"

namespace causeway::hl7v2 {

enum class Depth : std::uint8_t { Group, Segment, Field, Component, Subcomponent };

struct Spot {
  Depth depth = Depth::Group;
  std::uint32_t node = 0;  ///< Of the tree: the group, or the segment that it is in.
  std::string_view text;   ///< Empty for groups. A field is one repetition of it.
  int field = 0, repetition = 0, component = 0, subcomponent = 0;
};

/// What is at `number` in `instance` (0: every one) of something.
struct Step {
  int number = 0;
  int instance = 0;
};
using Steps = std::vector<Step>;
/// "3[1].4[*]"; "." is no step at all. False: not such a path.
bool read_steps(std::string_view text, Steps& steps);

/// Only delimiters, or nothing at all.
bool is_empty(std::string_view text, const Delimiters& delimiters);

/// A message with its structure, as rules see it.
class MessageView {
 public:
  MessageView(const Message& message, StructureTree tree);

  const Message& message() const { return message_; }
  const StructureTree& tree() const { return tree_; }
  const Delimiters& delimiters() const { return message_.delimiters(); }
  Spot root() const { return {}; }
  Spot segment(std::uint32_t node) const;

  /// What is not empty at a place in `spot`; a group's member by its number in the structure.
  void members(const Spot& spot, Step step, std::vector<Spot>& found) const;
  std::vector<Spot> find(const Spot& from, const Steps& steps) const;
  Location location(const Spot& spot) const;
  std::string group_of(const Spot& spot) const;
  /// With escape sequences decoded.
  std::string value(std::string_view text) const;

 private:
  void group_members(const Spot& group, Step step, std::vector<Spot>& found) const;
  void repetitions(const Spot& segment, Step step, std::vector<Spot>& found) const;

  const Message& message_;
  StructureTree tree_;
  std::vector<int> numbers_;  // of each segment, among those of its name
};

}  // namespace causeway::hl7v2
