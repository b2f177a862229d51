// MLLP as the registry knows it.
#pragma once

#include "connectors/support/connector.h"

namespace causeway::connectors::mllp {

const Kind& kind();

}  // namespace causeway::connectors::mllp
