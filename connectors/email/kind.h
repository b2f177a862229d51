// E-mail as the registry knows it.
#pragma once

#include "connectors/support/connector.h"

namespace causeway::connectors::email {

const Kind& kind();

}  // namespace causeway::connectors::email
