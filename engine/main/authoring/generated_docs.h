// What derives from the declarations of all connectors and stages: JSON Schemas for editors, and
// reference pages. Thread-safe.
#pragma once

#include <filesystem>

#include "engine/core/result.h"

namespace causeway {

/// JSON Schema of channel.json.
std::string channel_json_schema();

/// Writes channel.schema.json, environment.schema.json, case.schema.json and reference/*.md into
/// `folder`, which is made if it is missing.
Status write_docs(const std::filesystem::path& folder);

}  // namespace causeway
