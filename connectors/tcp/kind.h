// Raw TCP as the registry knows it.
#pragma once

#include "connectors/support/connector.h"

namespace causeway::connectors::tcp {

const Kind& kind();

}  // namespace causeway::connectors::tcp
