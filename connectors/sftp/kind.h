// SFTP as the registry knows it.
#pragma once

#include "connectors/support/connector.h"

namespace causeway::connectors::sftp {

const Kind& kind();

}  // namespace causeway::connectors::sftp
