#include "engine/security/audit_heads.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace causeway::security {

AuditHeads::AuditHeads(int fd, std::vector<AuditHead> heads, off_t end)
    : fd_(fd), heads_(std::move(heads)), end_(end) {}

AuditHeads::~AuditHeads() {
  ::fsync(fd_);
  ::close(fd_);
}

Result<AuditHeads::Read> AuditHeads::read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{ErrorKind::NotFound, file.string(), "there is no file of signed heads"};
  std::error_code ignored;
  if (std::filesystem::file_size(file, ignored) > file_bytes_max)
    return Error{ErrorKind::Limit, file.string(), "is too large for a file of signed heads"};
  Read read;
  for (std::string line; std::getline(in, line);) {
    auto head = parse_head(line);
    if (!head)
      ++read.broken_lines;
    else
      (head->restore ? read.restores : read.heads).push_back(std::move(*head));
  }
  return read;
}

Status AuditHeads::note_restore(const std::filesystem::path& file, const AuditKey& key,
                                const std::map<NodeId, std::int64_t>& last, SystemTime at) {
  const int fd = ::open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return Error{ErrorKind::Unavailable, file.string(), "can't be opened"};
  std::string lines;
  for (const auto& [node, seq] : last) {
    AuditHead note{node, seq, at, first_hash(), {}, {}, true};
    key.sign(note);
    lines += head_line(note) + "\n";
  }
  const bool good = ::write(fd, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()) &&
                    ::fsync(fd) == 0;
  ::close(fd);
  if (!good) return Error{ErrorKind::Unavailable, file.string(), "can't be written"};
  return Done{};
}

Result<std::unique_ptr<AuditHeads>> AuditHeads::open(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return Error{ErrorKind::Unavailable, file.string(), "can't be opened"};
  auto before = read(file);
  // What is there stays: a new start's heads come after it.
  const off_t end = ::lseek(fd, 0, SEEK_END);
  auto heads = before ? std::move(before->heads) : std::vector<AuditHead>();
  return std::unique_ptr<AuditHeads>(new AuditHeads(fd, std::move(heads), end));
}

AuditHead AuditHeads::last(NodeId node) const {
  AuditHead last;
  last.node = node;
  for (const auto& head : heads_)
    if (head.node == node && head.seq >= last.seq && is_signed(head)) last = head;
  return last;
}

Status AuditHeads::write(const AuditHead& head) {
  const auto line = head_line(head) + "\n";
  const bool good =
      ::pwrite(fd_, line.data(), line.size(), end_) == static_cast<ssize_t>(line.size()) &&
      ::ftruncate(fd_, end_ + static_cast<off_t>(line.size())) == 0;
  if (!good) return Error{ErrorKind::Unavailable, "audit.heads", "can't be written"};
  if (head.seq % keep_every == 0) {
    end_ += static_cast<off_t>(line.size());
    ::fdatasync(fd_);
  }
  return Done{};
}

}  // namespace causeway::security
