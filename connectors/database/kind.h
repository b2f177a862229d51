// Databases as the registry knows them.
#pragma once

#include "connectors/support/connector.h"

namespace causeway::connectors::database {

const Kind& kind();

}  // namespace causeway::connectors::database
