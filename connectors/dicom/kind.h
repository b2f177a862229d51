// DICOM as the registry knows it.
#pragma once

#include "connectors/support/connector.h"

namespace causeway::connectors::dicom {

const Kind& kind();

}  // namespace causeway::connectors::dicom
