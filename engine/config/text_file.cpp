#include "engine/config/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace causeway::config {

namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

Error open_error(const std::filesystem::path& path, int number) {
  const auto kind = number == ENOENT || number == ENOTDIR ? ErrorKind::NotFound
                    : number == ELOOP                     ? ErrorKind::Invalid
                                                          : ErrorKind::Unavailable;
  return {kind, path.string(), std::strerror(number)};
}

}  // namespace

Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t bytes_max) {
  // O_NONBLOCK: opening a named pipe must not wait for a writer.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (file.fd < 0) return open_error(path, errno);
  struct stat status {};
  if (::fstat(file.fd, &status) != 0) return open_error(path, errno);
  if (!S_ISREG(status.st_mode)) return Error{ErrorKind::Invalid, path.string(), "not a file"};

  std::string text;
  char buffer[64 * 1024];
  for (;;) {
    const auto got = ::read(file.fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return open_error(path, errno);
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > bytes_max)
      return Error{ErrorKind::Limit, path.string(),
                   "larger than " + std::to_string(bytes_max) + " bytes"};
  }
}

}  // namespace causeway::config
