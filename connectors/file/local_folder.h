// A folder of this machine, as connectors/support/folder sees it.
//
// Every name on the way to a file is opened by itself and never through a symbolic link; a file is
// a regular one or it isn't opened at all. Files and names are made durable (fsync).
#pragma once

#include <atomic>

#include "connectors/support/folder/folder.h"

namespace causeway::connectors::file {

class LocalFolder final : public folder::Folder {
 public:
  /// `root`: an open descriptor of the folder, which is now ours.
  LocalFolder(int root, const std::atomic<bool>& stop) : root_(root), stop_(stop) {}
  ~LocalFolder() override;

  Result<std::vector<folder::FileInfo>> list(const std::string& path, std::size_t most) override;
  Result<folder::FileInfo> look(const std::string& path) override;
  Result<std::unique_ptr<Reader>> open(const std::string& path) override;
  Result<std::unique_ptr<Writer>> create(const std::string& path) override;
  Result<std::unique_ptr<Writer>> extend(const std::string& path, std::uint64_t size) override;
  Status rename(const std::string& from, const std::string& to, OnExisting existing) override;
  Status remove(const std::string& path) override;
  Status make_folders(const std::string& path) override;
  Status sync_names(const std::string& path) override;

  bool is_lost() const override { return false; }
  bool keep_alive() override { return true; }

 private:
  Result<int> open_folder(const std::string& path, bool make) const;
  Result<int> open_file(const std::string& path, int flags) const;

  const int root_;
  const std::atomic<bool>& stop_;
};

class LocalOpener final : public folder::Opener {
 public:
  explicit LocalOpener(std::string root) : root_(std::move(root)) {}
  Result<std::unique_ptr<folder::Folder>> open(const std::atomic<bool>& stop) override;
  std::string address() const override { return "file://" + root_; }

 private:
  const std::string root_;
};

}  // namespace causeway::connectors::file
