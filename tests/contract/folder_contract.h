// What every connector of files must do, whatever its protocol: the verbs of a folder, a source
// and a sink on it; and, behind a proxy, what they do when the line is bad. A connector brings a
// harness with a real server and calls the checks from a TEST_CASE. See sftp_test.cpp.
#pragma once

#include "connectors/support/folder/folder.h"
#include "tests/support/file_bench.h"

namespace causeway::contract {

class FolderHarness {
 public:
  virtual ~FolderHarness() = default;
  virtual const char* kind() const = 0;
  /// The folder's fields, as members of JSON; by way of this port, if it isn't 0.
  virtual std::string fields(std::uint16_t port, int timeout_ms) = 0;
  virtual std::unique_ptr<connectors::folder::Opener> opener(connectors::EventLoop& loop) = 0;
  /// The same folder on this machine.
  virtual std::filesystem::path path() const = 0;
  virtual bool appends() const { return true; }
  virtual bool shows_links() const { return true; }  ///< False: the protocol can't tell them.
  /// Of the server; 0: there is none.
  virtual std::uint16_t port() const { return 0; }
};

void check_folder(FolderHarness& harness);
void check_folder_ends(FolderHarness& harness);
/// For protocols with a server.
void check_folder_faults(FolderHarness& harness);

}  // namespace causeway::contract
