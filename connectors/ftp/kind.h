// FTP as the registry knows it.
#pragma once

#include "connectors/support/connector.h"

namespace causeway::connectors::ftp {

const Kind& kind();

}  // namespace causeway::connectors::ftp
