#include "tools/load/frames.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace load {
namespace {

constexpr char start_of_block = 0x0B, end_of_block = 0x1C;
constexpr std::size_t room_bytes = 16 * 1024;
constexpr std::size_t frame_bytes_max = 64 * 1024 * 1024;

}  // namespace

bool FrameReader::fill(int socket) {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  scanned_ -= begin_;
  end_ -= begin_;
  begin_ = 0;
  for (;;) {
    if (end_ > frame_bytes_max) return false;
    if (buffer_.size() - end_ < room_bytes) buffer_.resize(2 * buffer_.size() + room_bytes);
    auto room = buffer_.size() - end_;
    auto got = ::recv(socket, buffer_.data() + end_, room, 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    end_ += static_cast<std::size_t>(got);
    if (static_cast<std::size_t>(got) < room) return true;
  }
}

std::optional<std::string_view> FrameReader::next() {
  auto text = unread();
  auto start = std::min(text.find(start_of_block, begin_), end_);
  stray_bytes_ += start - begin_;
  begin_ = start;
  scanned_ = std::max(scanned_, begin_);
  for (;;) {
    scanned_ = std::min(text.find(end_of_block, scanned_), end_);
    if (scanned_ + 1 >= end_) return std::nullopt;
    if (text[scanned_ + 1] == '\r') break;
    ++scanned_;
  }
  auto content = text.substr(begin_ + 1, scanned_ - begin_ - 1);
  begin_ = scanned_ = scanned_ + 2;
  return content;
}

void Outbox::add_frame(std::string_view content) {
  buffer_ += start_of_block;
  buffer_ += content;
  buffer_ += end_of_block;
  buffer_ += '\r';
}

bool Outbox::flush(int socket) {
  while (!empty()) {
    auto done = ::send(socket, buffer_.data() + sent_, buffer_.size() - sent_, MSG_NOSIGNAL);
    if (done < 0) return errno == EAGAIN || errno == EINTR;
    sent_ += static_cast<std::size_t>(done);
  }
  buffer_.clear();
  sent_ = 0;
  return true;
}

std::string_view field(std::string_view message, std::string_view segment, int n) {
  for (std::size_t at = 0; at < message.size();) {
    auto end = std::min(message.find_first_of("\r\n", at), message.size());
    auto line = message.substr(at, end - at);
    at = end + 1;
    if (line.substr(0, segment.size()) != segment || line.substr(segment.size(), 1) != "|")
      continue;
    for (int skip = segment == "MSH" ? n - 1 : n; skip > 0; --skip) {
      auto bar = line.find('|');
      if (bar == std::string_view::npos) return {};
      line.remove_prefix(bar + 1);
    }
    return line.substr(0, line.find_first_of("|^~"));
  }
  return {};
}

std::int64_t now_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

}  // namespace load
