// Files of this machine as the registry knows them.
#pragma once

#include "connectors/support/connector.h"

namespace causeway::connectors::file {

const Kind& kind();

}  // namespace causeway::connectors::file
