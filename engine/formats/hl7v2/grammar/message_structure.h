// A message read by the grammar of its version: which structure it has, and where its groups lie.
//
// Pure; thread-safe. What it returns leads into the Grammar, and the tree into the message's
// segment names: it holds until the message's next edit.
#pragma once

#include <memory>
#include <optional>

#include "engine/formats/hl7v2/grammar/structure_tree.h"

namespace causeway::hl7v2 {

/// What a message that names no version is read by.
inline constexpr std::string_view version_assumed = "2.8.2";

struct MessageStructure {
  const Grammar* grammar = nullptr;  ///< Not null.
  bool version_known = true;         ///< False: MSH-12 names none.
  ChosenStructure chosen;
  std::optional<StructureTree> tree;  ///< Nullopt: nothing to make one of.
};

/// `version` overrules MSH-12.
MessageStructure read_structure(const Message& message, std::string_view version = {});

/// Finds groups as read_structure does: for Message::use_groups.
std::shared_ptr<const GroupFinder> structure_groups();

}  // namespace causeway::hl7v2
