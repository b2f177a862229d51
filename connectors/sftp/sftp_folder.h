// A folder behind SFTP, as connectors/support/folder sees it: one SSH connection with one SFTP
// channel.
//
// What is a file or a folder is the server's word, asked of each name without following it. A
// server that knows fsync@openssh.com is asked for it. A name is given by SSH_FXP_RENAME, which
// doesn't replace; to replace, the old file is removed first.
// Standard: draft-ietf-secsh-filexfer-02 (version 3).
#pragma once

#include "connectors/sftp/fields.h"
#include "connectors/support/event_loop.h"
#include "connectors/support/folder/folder.h"

namespace causeway::connectors::sftp {

class SftpOpener final : public folder::Opener {
 public:
  SftpOpener(EventLoop& loop, ServerSettings settings)
      : loop_(loop), settings_(std::move(settings)) {}

  Result<std::unique_ptr<folder::Folder>> open(const std::atomic<bool>& stop) override;
  std::string address() const override;

 private:
  EventLoop& loop_;
  const ServerSettings settings_;
};

}  // namespace causeway::connectors::sftp
