// Whole bodies into and out of the store's staging. Blocks; thread-safe.
#pragma once

#include "engine/core/store.h"

namespace causeway::connectors {

Result<Body> stage(BodyStaging& staging, std::string_view content);
/// `staging` may be nullptr: then it is Unavailable.
Result<std::string> read_staged(BodyStaging* staging, const Body& body);

}  // namespace causeway::connectors
