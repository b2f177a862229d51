// What a file source and sink can be told, and what was read of it: the folder here, the rest in
// connectors/support/folder/settings.h. Plain values.
#pragma once

#include "connectors/support/folder/settings.h"

namespace causeway::connectors::file {

const config::Fields& source_fields();
const config::Fields& sink_fields();

/// The folder. Errors: Invalid, where it is not an absolute path.
Result<std::string> root_folder(const config::Parsed& parsed);

}  // namespace causeway::connectors::file
