#include "connectors/mllp/frame.h"

#include <algorithm>
#include <utility>

namespace causeway::connectors::mllp {
namespace {

constexpr char vt = '\x0b';
constexpr char fs = '\x1c';
constexpr char cr = '\r';

bool is_blank(char c) {
  return c == '\r' || c == '\n';
}

}  // namespace

std::optional<std::string> FrameReader::next(std::string_view& bytes) {
  if (fault_ != Fault::None) return std::nullopt;
  if (!in_frame_ && !find_start(bytes)) return std::nullopt;
  return find_end(bytes);
}

bool FrameReader::find_start(std::string_view& bytes) {
  const auto start = bytes.find(vt);
  const auto before = bytes.substr(0, start);
  const auto garbage = before.size() - static_cast<std::size_t>(
                                           std::count_if(before.begin(), before.end(), is_blank));
  garbage_ += garbage;
  garbage_total_ += garbage;
  if (garbage_ > limits_.garbage_bytes_max) {
    fault_ = Fault::TooMuchGarbage;
    return false;
  }
  bytes.remove_prefix(start == std::string_view::npos ? bytes.size() : start + 1);
  in_frame_ = start != std::string_view::npos;
  return in_frame_;
}

std::optional<std::string> FrameReader::find_end(std::string_view& bytes) {
  if (bytes.empty()) return std::nullopt;
  if (std::exchange(after_fs_, false)) {
    if (bytes.front() == cr) {
      bytes.remove_prefix(1);
      return finish({});
    }
    if (!keep(std::string_view(&fs, 1))) return std::nullopt;
  }
  for (std::size_t from = 0;;) {
    const auto at = bytes.find(fs, from);
    if (at == std::string_view::npos || at + 1 == bytes.size()) {
      after_fs_ = at != std::string_view::npos;
      keep(bytes.substr(0, at));
      bytes = {};
      return std::nullopt;
    }
    if (bytes[at + 1] == cr) {
      const auto last_part = bytes.substr(0, at);
      bytes.remove_prefix(at + 2);
      return finish(last_part);
    }
    from = at + 1;
  }
}

bool FrameReader::keep(std::string_view part) {
  if (content_.size() + part.size() > limits_.frame_bytes_max) {
    fault_ = Fault::FrameTooLong;
    content_ = {};
    return false;
  }
  content_.append(part);
  return true;
}

std::optional<std::string> FrameReader::finish(std::string_view last_part) {
  if (!keep(last_part)) return std::nullopt;
  in_frame_ = false;
  garbage_ = 0;
  return std::exchange(content_, {});
}

}  // namespace causeway::connectors::mllp
