// Files of this machine through the contract of folders.
#include <catch2/catch.hpp>

#include "connectors/file/local_folder.h"
#include "tests/contract/folder_contract.h"

namespace causeway::contract {
namespace {

class LocalHarness final : public FolderHarness {
 public:
  const char* kind() const override { return "file"; }
  std::string fields(std::uint16_t, int) override {
    return R"("folder": ")" + folder_.path().string() + "\"";
  }
  std::unique_ptr<connectors::folder::Opener> opener(connectors::EventLoop&) override {
    return std::make_unique<connectors::file::LocalOpener>(folder_.path().string());
  }
  std::filesystem::path path() const override { return folder_.path(); }

 private:
  testing::TemporaryFolder folder_;
};

TEST_CASE("file: the folder") {
  LocalHarness harness;
  check_folder(harness);
}

TEST_CASE("file: source and sink") {
  LocalHarness harness;
  check_folder_ends(harness);
}

}  // namespace
}  // namespace causeway::contract
