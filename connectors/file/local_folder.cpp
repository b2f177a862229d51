#include "connectors/file/local_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace causeway::connectors::file {
namespace {

using folder::FileInfo;
using folder::Folder;

constexpr mode_t file_mode = 0640;
constexpr mode_t folder_mode = 0750;

ErrorKind kind_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return ErrorKind::NotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorKind::NotPermitted;
    case EEXIST:
    case ENOTEMPTY:
    case EISDIR:
      return ErrorKind::Conflict;
    case ENAMETOOLONG:
      return ErrorKind::Limit;
    case ELOOP:
    case EINVAL:
      return ErrorKind::Invalid;
    default:
      return ErrorKind::Unavailable;  // ENOSPC, EDQUOT, EFBIG, EIO, EMFILE …
  }
}

Error failed(const std::string& path, int error) {
  std::string text = std::strerror(error);
  if (error == ELOOP) text = "a symbolic link, which is not followed";
  return {kind_of(error), folder::printable(path), std::move(text)};
}

/// Closes a descriptor at the end of a scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  int fd() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

FileInfo info_of(std::string path, const struct stat& status) {
  FileInfo info;
  info.path = std::move(path);
  info.size = static_cast<std::uint64_t>(status.st_size);
  info.modified_ns =
      static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
  info.is_folder = S_ISDIR(status.st_mode);
  return info;
}

class LocalReader final : public Folder::Reader {
 public:
  LocalReader(int fd, std::string path, const std::atomic<bool>& stop)
      : fd_(fd), path_(std::move(path)), stop_(stop) {}

  Result<std::size_t> read(char* to, std::size_t room) override {
    for (;;) {
      if (stop_) return Error{ErrorKind::Stopped, "", "stopped"};
      const auto count = ::read(fd_.fd(), to, room);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return failed(path_, errno);
    }
  }

 private:
  const Descriptor fd_;
  const std::string path_;
  const std::atomic<bool>& stop_;
};

class LocalWriter final : public Folder::Writer {
 public:
  LocalWriter(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  Status write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto count = ::write(fd_.fd(), bytes.data(), bytes.size());
      if (count < 0 && errno != EINTR) return failed(path_, errno);
      if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return Done{};
  }
  Status finish() override {
    if (::fsync(fd_.fd()) != 0) return failed(path_, errno);
    if (::close(fd_.release()) != 0) return failed(path_, errno);
    return Done{};
  }

 private:
  Descriptor fd_;
  const std::string path_;
};

struct CloseStream {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

bool is_dots(const char* name) {
  return std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0;
}

}  // namespace

LocalFolder::~LocalFolder() {
  ::close(root_);
}

/// Name by name, so that none of them is a link; with `make`, those that are missing are made.
Result<int> LocalFolder::open_folder(const std::string& path, bool make) const {
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  std::string_view rest = path;
  const bool absolute = !rest.empty() && rest.front() == '/';
  if (!absolute && !rest.empty())
    if (auto good = folder::check_relative(rest); !good) return good.error();
  int at = absolute ? ::open("/", flags) : ::openat(root_, ".", flags);
  if (at < 0) return failed(path, errno);
  while (!rest.empty()) {
    const auto slash = rest.find('/');
    const std::string name(rest.substr(0, slash));
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    if (name.empty()) continue;
    const Descriptor above(at);
    if (make && ::mkdirat(above.fd(), name.c_str(), folder_mode) != 0 && errno != EEXIST)
      return failed(path, errno);
    at = ::openat(above.fd(), name.c_str(), absolute ? flags : flags | O_NOFOLLOW);
    if (at < 0) return failed(path, errno);
  }
  return at;
}

Result<int> LocalFolder::open_file(const std::string& path, int flags) const {
  if (path.empty() || path.front() != '/')
    if (auto good = folder::check_relative(path); !good) return good.error();
  auto above = open_folder(folder::parent_of(path), false);
  if (!above) return above.error();
  const Descriptor parent(*above);
  // Not blocking: a FIFO would wait for its other end.
  Descriptor opened(::openat(parent.fd(), folder::name_of(path).c_str(),
                             flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, file_mode));
  if (opened.fd() < 0) return failed(path, errno);
  struct stat status {};
  if (::fstat(opened.fd(), &status) != 0) return failed(path, errno);
  if (!S_ISREG(status.st_mode))
    return Error{ErrorKind::Invalid, folder::printable(path), "not a regular file"};
  return opened.release();
}

Result<std::vector<FileInfo>> LocalFolder::list(const std::string& path, std::size_t most) {
  auto opened = open_folder(path, false);
  if (!opened) return opened.error();
  const std::unique_ptr<DIR, CloseStream> stream(::fdopendir(*opened));
  if (!stream) {
    ::close(*opened);
    return failed(path, errno);
  }
  std::vector<FileInfo> found;
  while (found.size() < most && !stop_) {
    errno = 0;
    const auto* entry = ::readdir(stream.get());
    if (!entry && errno != 0) return failed(path, errno);
    if (!entry) break;
    if (is_dots(entry->d_name)) continue;
    struct stat status {};
    // One that has gone meanwhile is not there.
    if (::fstatat(*opened, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))
      found.push_back(info_of(folder::joined(path, entry->d_name), status));
  }
  return found;
}

Result<FileInfo> LocalFolder::look(const std::string& path) {
  auto above = open_folder(folder::parent_of(path), false);
  if (!above) return above.error();
  const Descriptor parent(*above);
  struct stat status {};
  if (::fstatat(parent.fd(), folder::name_of(path).c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return failed(path, errno);
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
    return Error{ErrorKind::Invalid, folder::printable(path), "neither a file nor a folder"};
  return info_of(path, status);
}

Result<std::unique_ptr<Folder::Reader>> LocalFolder::open(const std::string& path) {
  auto opened = open_file(path, O_RDONLY);
  if (!opened) return opened.error();
  return std::unique_ptr<Reader>(std::make_unique<LocalReader>(*opened, path, stop_));
}

Result<std::unique_ptr<Folder::Writer>> LocalFolder::create(const std::string& path) {
  auto opened = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!opened) return opened.error();
  return std::unique_ptr<Writer>(std::make_unique<LocalWriter>(*opened, path));
}

Result<std::unique_ptr<Folder::Writer>> LocalFolder::extend(const std::string& path,
                                                            std::uint64_t size) {
  auto opened = open_file(path, O_WRONLY | O_CREAT | O_APPEND);
  if (!opened) return opened.error();
  auto writer = std::make_unique<LocalWriter>(*opened, path);
  if (::ftruncate(*opened, static_cast<off_t>(size)) != 0) return failed(path, errno);
  return std::unique_ptr<Writer>(std::move(writer));
}

Status LocalFolder::rename(const std::string& from, const std::string& to, OnExisting existing) {
  auto source = open_folder(folder::parent_of(from), false);
  if (!source) return source.error();
  const Descriptor source_folder(*source);
  auto target = open_folder(folder::parent_of(to), false);
  if (!target) return target.error();
  const Descriptor target_folder(*target);
  const unsigned flags = existing == OnExisting::Refuse ? RENAME_NOREPLACE : 0;
  if (::renameat2(source_folder.fd(), folder::name_of(from).c_str(), target_folder.fd(),
                  folder::name_of(to).c_str(), flags) == 0)
    return Done{};
  if (errno == EXDEV)
    return Error{ErrorKind::Invalid, folder::printable(to), "on another file system"};
  // Some network file systems know no RENAME_NOREPLACE: a link is as good.
  if (errno != EINVAL || flags == 0) return failed(to, errno);
  if (::linkat(source_folder.fd(), folder::name_of(from).c_str(), target_folder.fd(),
               folder::name_of(to).c_str(), 0) != 0)
    return failed(to, errno);
  if (::unlinkat(source_folder.fd(), folder::name_of(from).c_str(), 0) != 0)
    return failed(from, errno);
  return Done{};
}

Status LocalFolder::remove(const std::string& path) {
  auto above = open_folder(folder::parent_of(path), false);
  if (!above) return above.error();
  const Descriptor parent(*above);
  if (::unlinkat(parent.fd(), folder::name_of(path).c_str(), 0) != 0) return failed(path, errno);
  return Done{};
}

Status LocalFolder::make_folders(const std::string& path) {
  auto made = open_folder(path, true);
  if (!made) return made.error();
  ::close(*made);
  return Done{};
}

Status LocalFolder::sync_names(const std::string& path) {
  auto opened = open_folder(path, false);
  if (!opened) return opened.error();
  const Descriptor names(*opened);
  if (::fsync(names.fd()) != 0) return failed(path, errno);
  return Done{};
}

Result<std::unique_ptr<folder::Folder>> LocalOpener::open(const std::atomic<bool>& stop) {
  const int root = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return failed(root_, errno);
  return std::unique_ptr<Folder>(std::make_unique<LocalFolder>(root, stop));
}

}  // namespace causeway::connectors::file
