// HTTP in the registry of connectors.
#pragma once

#include "connectors/support/connector.h"

namespace causeway::connectors::http {

const Kind& kind();

}  // namespace causeway::connectors::http
