// What derives from the declarations for people and editors: the JSON Schema of a whole
// channel.json, and reference pages. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/config/fields.h"

namespace causeway::config {

/// A connector, as the reference needs it; nullptr: it has no such end.
struct EndKind {
  std::string name, summary;
  const Fields* source = nullptr;
  const Fields* destination = nullptr;
};

struct ReferenceFile {
  std::string name;  ///< "reference/connector_mllp.md"
  std::string text;
};

/// JSON Schema (2020-12) of channel.json, with the fields of all stages and connectors.
std::string channel_schema(const std::vector<EndKind>& kinds);
/// JSON Schema of an environment's file.
std::string environment_schema();

/// One page for the channel, one for each kind of stage and each connector, and the list of them.
std::vector<ReferenceFile> reference_pages(const std::vector<EndKind>& kinds);

}  // namespace causeway::config
