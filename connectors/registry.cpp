#include "connectors/registry.h"

#include <array>

#include "connectors/database/kind.h"
#include "connectors/dicom/kind.h"
#include "connectors/email/kind.h"
#include "connectors/file/kind.h"
#include "connectors/ftp/kind.h"
#include "connectors/http/kind.h"
#include "connectors/mllp/kind.h"
#include "connectors/sftp/kind.h"
#include "connectors/tcp/kind.h"

namespace causeway::connectors {

std::span<const Kind> all_kinds() {
  static const std::array kinds{
      mllp::kind(), dicom::kind(),    file::kind(),  http::kind(), sftp::kind(),
      tcp::kind(),  database::kind(), email::kind(), ftp::kind(),
  };
  return kinds;
}

const Kind* find_kind(std::string_view name) {
  for (const auto& kind : all_kinds())
    if (kind.name == name) return &kind;
  return nullptr;
}

}  // namespace causeway::connectors
