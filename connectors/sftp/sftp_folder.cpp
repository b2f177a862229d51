#include "connectors/sftp/sftp_folder.h"

#include <libssh2_sftp.h>

#include <array>

#include "connectors/sftp/ssh_session.h"

namespace causeway::connectors::sftp {
namespace {

using folder::FileInfo;
using folder::Folder;

constexpr long file_mode = 0640;
constexpr long folder_mode = 0750;
constexpr std::size_t name_bytes_max = 4096;

ErrorKind kind_of(unsigned long status) {
  switch (status) {
    case LIBSSH2_FX_NO_SUCH_FILE:
    case LIBSSH2_FX_NO_SUCH_PATH:
      return ErrorKind::NotFound;
    case LIBSSH2_FX_PERMISSION_DENIED:
    case LIBSSH2_FX_WRITE_PROTECT:
      return ErrorKind::NotPermitted;
    case LIBSSH2_FX_FILE_ALREADY_EXISTS:
    case LIBSSH2_FX_DIR_NOT_EMPTY:
      return ErrorKind::Conflict;
    case LIBSSH2_FX_INVALID_FILENAME:
    case LIBSSH2_FX_LINK_LOOP:
    case LIBSSH2_FX_NOT_A_DIRECTORY:
      return ErrorKind::Invalid;
    default:
      return ErrorKind::Unavailable;  // a full disk is a plain "failure" of many servers
  }
}

std::string words_of(unsigned long status) {
  switch (kind_of(status)) {
    case ErrorKind::NotFound:
      return "there is no such file on the server";
    case ErrorKind::NotPermitted:
      return "the server doesn't permit it";
    case ErrorKind::Conflict:
      return "it exists on the server";
    default:
      return status == LIBSSH2_FX_NO_SPACE_ON_FILESYSTEM || status == LIBSSH2_FX_QUOTA_EXCEEDED
                 ? "the server's disk is full"
                 : "the server could not do it (SFTP status " + std::to_string(status) + ")";
  }
}

/// What a call with this result failed of.
Error failed(SshSession& ssh, LIBSSH2_SFTP* sftp, const std::string& path) {
  if (libssh2_session_last_errno(ssh.get()) != LIBSSH2_ERROR_SFTP_PROTOCOL) {
    auto error = ssh.failure("SFTP");
    error.place = folder::printable(path);
    return error;
  }
  const auto status = libssh2_sftp_last_error(sftp);
  return {kind_of(status), folder::printable(path), words_of(status)};
}

/// Closed with the session's patience; a session that is lost frees it all the same.
class Handle {
 public:
  Handle(SshSession& ssh, LIBSSH2_SFTP_HANDLE* handle) : ssh_(ssh), handle_(handle) {}
  ~Handle() { (void)close(); }
  Handle(const Handle&) = delete;

  LIBSSH2_SFTP_HANDLE* get() const { return handle_; }
  Result<int> close() {
    auto* handle = std::exchange(handle_, nullptr);
    if (!handle) return 0;
    const auto call = [handle] { return libssh2_sftp_close_handle(handle); };
    if (!ssh_.is_lost()) return ssh_.run(call);
    ssh_.free_lost(call);
    return LIBSSH2_ERROR_SOCKET_DISCONNECT;
  }

 private:
  SshSession& ssh_;
  LIBSSH2_SFTP_HANDLE* handle_;
};

class SftpReader final : public Folder::Reader {
 public:
  SftpReader(SshSession& ssh, LIBSSH2_SFTP* sftp, LIBSSH2_SFTP_HANDLE* handle, std::string path)
      : ssh_(ssh), sftp_(sftp), handle_(ssh, handle), path_(std::move(path)) {}

  Result<std::size_t> read(char* to, std::size_t room) override {
    auto count = ssh_.run([&] { return libssh2_sftp_read(handle_.get(), to, room); });
    if (!count) return count.error();
    if (*count < 0) return failed(ssh_, sftp_, path_);
    return static_cast<std::size_t>(*count);
  }

 private:
  SshSession& ssh_;
  LIBSSH2_SFTP* const sftp_;
  Handle handle_;
  const std::string path_;
};

class SftpWriter final : public Folder::Writer {
 public:
  SftpWriter(SshSession& ssh, LIBSSH2_SFTP* sftp, LIBSSH2_SFTP_HANDLE* handle, std::string path)
      : ssh_(ssh), sftp_(sftp), handle_(ssh, handle), path_(std::move(path)) {}

  Status write(std::string_view bytes) override {
    while (!bytes.empty()) {
      auto count =
          ssh_.run([&] { return libssh2_sftp_write(handle_.get(), bytes.data(), bytes.size()); });
      if (!count) return count.error();
      if (*count < 0) return failed(ssh_, sftp_, path_);
      bytes.remove_prefix(static_cast<std::size_t>(*count));
    }
    return Done{};
  }

  Status finish() override {
    auto synced = ssh_.run([&] { return libssh2_sftp_fsync(handle_.get()); });
    if (!synced) return synced.error();
    const bool unknown = *synced != 0 &&
                         libssh2_session_last_errno(ssh_.get()) == LIBSSH2_ERROR_SFTP_PROTOCOL &&
                         libssh2_sftp_last_error(sftp_) == LIBSSH2_FX_OP_UNSUPPORTED;
    if (*synced != 0 && !unknown) return failed(ssh_, sftp_, path_);
    auto closed = handle_.close();
    if (!closed) return closed.error();
    if (*closed != 0) return failed(ssh_, sftp_, path_);
    return Done{};
  }

 private:
  SshSession& ssh_;
  LIBSSH2_SFTP* const sftp_;
  Handle handle_;
  const std::string path_;
};

FileInfo info_of(std::string path, const LIBSSH2_SFTP_ATTRIBUTES& attributes) {
  FileInfo info;
  info.path = std::move(path);
  if ((attributes.flags & LIBSSH2_SFTP_ATTR_SIZE) != 0) info.size = attributes.filesize;
  if ((attributes.flags & LIBSSH2_SFTP_ATTR_ACMODTIME) != 0)
    info.modified_ns = static_cast<std::int64_t>(attributes.mtime) * 1'000'000'000;
  info.is_folder = LIBSSH2_SFTP_S_ISDIR(attributes.permissions);
  return info;
}

bool is_file_or_folder(const LIBSSH2_SFTP_ATTRIBUTES& attributes) {
  return (attributes.flags & LIBSSH2_SFTP_ATTR_PERMISSIONS) != 0 &&
         (LIBSSH2_SFTP_S_ISREG(attributes.permissions) ||
          LIBSSH2_SFTP_S_ISDIR(attributes.permissions));
}

class SftpFolder final : public Folder {
 public:
  SftpFolder(std::unique_ptr<SshSession> ssh, LIBSSH2_SFTP* sftp, std::string root)
      : ssh_(std::move(ssh)), sftp_(sftp), root_(std::move(root)) {}
  ~SftpFolder() override {
    const auto call = [this] { return libssh2_sftp_shutdown(sftp_); };
    if (!ssh_->is_lost()) (void)ssh_->run(call);
    if (ssh_->is_lost()) ssh_->free_lost(call);
  }

  Result<std::vector<FileInfo>> list(const std::string& path, std::size_t most) override;
  Result<FileInfo> look(const std::string& path) override;
  Result<std::unique_ptr<Reader>> open(const std::string& path) override;
  Result<std::unique_ptr<Writer>> create(const std::string& path) override;
  Result<std::unique_ptr<Writer>> extend(const std::string& path, std::uint64_t size) override;
  Status rename(const std::string& from, const std::string& to, OnExisting existing) override;
  Status remove(const std::string& path) override;
  Status make_folders(const std::string& path) override;
  Status sync_names(const std::string&) override { return Done{}; }
  bool is_lost() const override { return ssh_->is_lost(); }
  bool keep_alive() override { return ssh_->keep_alive(); }

 private:
  Result<std::string> full(const std::string& path) const;
  Result<LIBSSH2_SFTP_HANDLE*> open_handle(const std::string& path, unsigned long flags);
  Result<LIBSSH2_SFTP_ATTRIBUTES> attributes_of(const std::string& path);
  Status make_folder(const std::string& path);
  Status rename_once(const std::string& from, const std::string& to);

  const std::unique_ptr<SshSession> ssh_;
  LIBSSH2_SFTP* const sftp_;
  const std::string root_;
};

Result<std::string> SftpFolder::full(const std::string& path) const {
  if (path.empty()) return root_;
  if (path.front() == '/') return path;
  if (auto good = folder::check_relative(path); !good) return good.error();
  return folder::joined(root_, path);
}

Result<LIBSSH2_SFTP_HANDLE*> SftpFolder::open_handle(const std::string& path, unsigned long flags) {
  auto at = full(path);
  if (!at) return at.error();
  auto handle = ssh_->run([&] {
    return libssh2_sftp_open_ex(sftp_, at->data(), static_cast<unsigned>(at->size()), flags,
                                file_mode, LIBSSH2_SFTP_OPENFILE);
  });
  if (!handle) return handle.error();
  if (!*handle) return failed(*ssh_, sftp_, path);
  return *handle;
}

Result<LIBSSH2_SFTP_ATTRIBUTES> SftpFolder::attributes_of(const std::string& path) {
  auto at = full(path);
  if (!at) return at.error();
  LIBSSH2_SFTP_ATTRIBUTES attributes{};
  auto asked = ssh_->run([&] {
    return libssh2_sftp_stat_ex(sftp_, at->data(), static_cast<unsigned>(at->size()),
                                LIBSSH2_SFTP_LSTAT, &attributes);
  });
  if (!asked) return asked.error();
  if (*asked != 0) return failed(*ssh_, sftp_, path);
  return attributes;
}

Result<std::vector<FileInfo>> SftpFolder::list(const std::string& path, std::size_t most) {
  auto at = full(path);
  if (!at) return at.error();
  auto opened = ssh_->run([&] {
    return libssh2_sftp_open_ex(sftp_, at->data(), static_cast<unsigned>(at->size()), 0, 0,
                                LIBSSH2_SFTP_OPENDIR);
  });
  if (!opened) return opened.error();
  if (!*opened) return failed(*ssh_, sftp_, path);
  const Handle handle(*ssh_, *opened);
  std::vector<FileInfo> found;
  std::string name(name_bytes_max, '\0');
  while (found.size() < most) {
    LIBSSH2_SFTP_ATTRIBUTES attributes{};
    auto length = ssh_->run([&] {
      return libssh2_sftp_readdir_ex(handle.get(), name.data(), name.size(), nullptr, 0,
                                     &attributes);
    });
    if (!length) return length.error();
    if (*length < 0) return failed(*ssh_, sftp_, path);
    if (*length == 0) break;
    const auto each = name.substr(0, static_cast<std::size_t>(*length));
    // Also what a server says may be meant to lead elsewhere.
    if (each.find('/') != std::string::npos || !folder::check_relative(each)) continue;
    if (is_file_or_folder(attributes))
      found.push_back(info_of(folder::joined(path, each), attributes));
  }
  return found;
}

Result<FileInfo> SftpFolder::look(const std::string& path) {
  auto attributes = attributes_of(path);
  if (!attributes) return attributes.error();
  if (!is_file_or_folder(*attributes))
    return Error{ErrorKind::Invalid, folder::printable(path), "neither a file nor a folder"};
  return info_of(path, *attributes);
}

Result<std::unique_ptr<Folder::Reader>> SftpFolder::open(const std::string& path) {
  auto info = look(path);
  if (!info) return info.error();
  if (info->is_folder)
    return Error{ErrorKind::Invalid, folder::printable(path), "not a regular file"};
  auto handle = open_handle(path, LIBSSH2_FXF_READ);
  if (!handle) return handle.error();
  return std::unique_ptr<Reader>(std::make_unique<SftpReader>(*ssh_, sftp_, *handle, path));
}

Result<std::unique_ptr<Folder::Writer>> SftpFolder::create(const std::string& path) {
  auto handle = open_handle(path, LIBSSH2_FXF_WRITE | LIBSSH2_FXF_CREAT | LIBSSH2_FXF_TRUNC);
  if (!handle) return handle.error();
  return std::unique_ptr<Writer>(std::make_unique<SftpWriter>(*ssh_, sftp_, *handle, path));
}

Result<std::unique_ptr<Folder::Writer>> SftpFolder::extend(const std::string& path,
                                                           std::uint64_t size) {
  auto handle = open_handle(path, LIBSSH2_FXF_WRITE | LIBSSH2_FXF_CREAT);
  if (!handle) return handle.error();
  auto writer = std::make_unique<SftpWriter>(*ssh_, sftp_, *handle, path);
  LIBSSH2_SFTP_ATTRIBUTES attributes{};
  attributes.flags = LIBSSH2_SFTP_ATTR_SIZE;
  attributes.filesize = size;
  auto cut = ssh_->run([&] { return libssh2_sftp_fstat_ex(*handle, &attributes, 1); });
  if (!cut) return cut.error();
  if (*cut != 0) return failed(*ssh_, sftp_, path);
  libssh2_sftp_seek64(*handle, size);
  return std::unique_ptr<Writer>(std::move(writer));
}

Status SftpFolder::rename_once(const std::string& from, const std::string& to) {
  auto source = full(from);
  if (!source) return source.error();
  auto target = full(to);
  if (!target) return target.error();
  auto renamed = ssh_->run([&] {
    return libssh2_sftp_rename_ex(sftp_, source->data(), static_cast<unsigned>(source->size()),
                                  target->data(), static_cast<unsigned>(target->size()), 0);
  });
  if (!renamed) return renamed.error();
  if (*renamed != 0) return failed(*ssh_, sftp_, to);
  return Done{};
}

/// Servers say no more than "failure" where the name is taken, and some would replace it.
Status SftpFolder::rename(const std::string& from, const std::string& to, OnExisting existing) {
  auto there = attributes_of(to);
  if (!there && there.error().kind != ErrorKind::NotFound) return there.error();
  if (there) {
    if (existing == OnExisting::Refuse)
      return Error{ErrorKind::Conflict, folder::printable(to), "it exists on the server"};
    if (auto removed = remove(to); !removed) return removed;
  }
  return rename_once(from, to);
}

Status SftpFolder::remove(const std::string& path) {
  auto at = full(path);
  if (!at) return at.error();
  auto removed = ssh_->run(
      [&] { return libssh2_sftp_unlink_ex(sftp_, at->data(), static_cast<unsigned>(at->size())); });
  if (!removed) return removed.error();
  if (*removed != 0) return failed(*ssh_, sftp_, path);
  return Done{};
}

Status SftpFolder::make_folders(const std::string& path) {
  for (auto end = path.find('/', 1);; end = path.find('/', end + 1)) {
    if (auto made = make_folder(path.substr(0, end)); !made) return made;
    if (end == std::string::npos) return Done{};
  }
}

Status SftpFolder::make_folder(const std::string& path) {
  auto there = attributes_of(path);
  if (there && LIBSSH2_SFTP_S_ISDIR(there->permissions)) return Done{};
  // An absolute path comes from the configuration, and may lead over links.
  const bool link = there && LIBSSH2_SFTP_S_ISLNK(there->permissions);
  if (link && path.front() == '/') return Done{};
  if (there) return Error{ErrorKind::Invalid, folder::printable(path), "it is no folder"};
  if (there.error().kind != ErrorKind::NotFound) return there.error();
  auto at = full(path);
  if (!at) return at.error();
  auto made = ssh_->run([&] {
    return libssh2_sftp_mkdir_ex(sftp_, at->data(), static_cast<unsigned>(at->size()), folder_mode);
  });
  if (!made) return made.error();
  if (*made == 0) return Done{};
  auto error = failed(*ssh_, sftp_, path);
  // Somebody else may have made it.
  auto again = ssh_->is_lost() ? Result<LIBSSH2_SFTP_ATTRIBUTES>(error) : attributes_of(path);
  if (again && LIBSSH2_SFTP_S_ISDIR(again->permissions)) return Done{};
  return error;
}

}  // namespace

Result<std::unique_ptr<folder::Folder>> SftpOpener::open(const std::atomic<bool>& stop) {
  auto ssh = SshSession::open(loop_, settings_, stop);
  if (!ssh) return ssh.error();
  auto sftp = (*ssh)->run([&] { return libssh2_sftp_init((*ssh)->get()); });
  if (!sftp) return sftp.error();
  if (!*sftp) return (*ssh)->failure("no SFTP on this server");
  auto opened = std::make_unique<SftpFolder>(std::move(*ssh), *sftp, settings_.folder);
  // A folder that isn't there is told now, and not file by file.
  if (auto listed = opened->list("", 1); !listed) return listed.error();
  return std::unique_ptr<Folder>(std::move(opened));
}

std::string SftpOpener::address() const {
  return "sftp://" + settings_.user + "@" + host_and_port(settings_.host, settings_.port) +
         (settings_.folder.starts_with('/') ? "" : "/") + settings_.folder;
}

}  // namespace causeway::connectors::sftp
