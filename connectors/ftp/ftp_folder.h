// A folder behind FTP, as connectors/support/folder sees it.
//
// What is there is asked by MLSD and MLST, or where a server doesn't know them by LIST and MDTM. A
// name is given by RNFR and RNTO; servers replace what is there, so it is looked for before.
#pragma once

#include "connectors/ftp/fields.h"
#include "connectors/support/folder/folder.h"

namespace causeway::connectors::ftp {

class FtpOpener final : public folder::Opener {
 public:
  explicit FtpOpener(ServerSettings settings) : settings_(std::move(settings)) {}

  Result<std::unique_ptr<folder::Folder>> open(const std::atomic<bool>& stop) override;
  std::string address() const override;

 private:
  const ServerSettings settings_;
};

}  // namespace causeway::connectors::ftp
