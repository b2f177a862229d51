#include "connectors/tcp/frame.h"

#include <algorithm>
#include <utility>

namespace causeway::connectors::tcp {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

std::uint64_t read_number(std::string_view bytes, bool little_endian) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto at = little_endian ? bytes.size() - 1 - i : i;
    number = number << 8 | static_cast<unsigned char>(bytes[at]);
  }
  return number;
}

}  // namespace

std::optional<std::string> frame_head(const Framing& framing, std::string_view content) {
  if (framing.kind == Framing::Kind::Silence)
    return content.empty() ? std::nullopt : std::optional(std::string());
  if (framing.kind == Framing::Kind::Delimiter) {
    const auto whole = std::string(content) + framing.end;  // the end may also lie across
    if (whole.find(framing.end) != content.size()) return std::nullopt;
    return framing.start;
  }
  const auto number = content.size() + (framing.counts_itself ? framing.length_bytes : 0);
  if (framing.length_bytes < 8 && number >> (8 * framing.length_bytes) != 0) return std::nullopt;
  std::string head;
  for (std::size_t i = 0; i < framing.length_bytes; ++i)
    head += static_cast<char>(number >> (8 * i) & 0xFF);
  if (!framing.little_endian) std::reverse(head.begin(), head.end());
  return head;
}

std::string_view frame_tail(const Framing& framing) {
  return framing.kind == Framing::Kind::Delimiter ? std::string_view(framing.end)
                                                  : std::string_view();
}

Result<std::string> unescaped(std::string_view text) {
  const Error broken{
      ErrorKind::Invalid, "",
      "after a backslash stands r, n, t, a backslash, or x and two hexadecimal digits"};
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) return broken;
    const auto at = std::string_view("rnt\\").find(text[i]);
    if (at != std::string_view::npos) {
      out += "\r\n\t\\"[at];
      continue;
    }
    if (text[i] != 'x' || i + 2 >= text.size()) return broken;
    const auto high = digits.find(static_cast<char>(text[i + 1] | 0x20));
    const auto low = digits.find(static_cast<char>(text[i + 2] | 0x20));
    if (high > 15 || low > 15) return broken;
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

std::optional<std::string> FrameReader::next(std::string_view& bytes) {
  if (fault_ != Fault::None || bytes.empty()) return std::nullopt;
  if (framing_.kind == Framing::Kind::Delimiter) return next_delimited(bytes);
  if (framing_.kind == Framing::Kind::Length) return next_counted(bytes);
  held_ += std::exchange(bytes, {});
  if (held_.size() > frame_bytes_max_) return failed(Fault::FrameTooLong);
  return std::nullopt;
}

std::optional<std::string> FrameReader::end_of_silence() {
  if (framing_.kind != Framing::Kind::Silence || held_.empty()) return std::nullopt;
  return std::exchange(held_, {});
}

std::optional<std::string> FrameReader::next_delimited(std::string_view& bytes) {
  const auto before = held_.size();
  held_ += bytes;
  const auto& start = framing_.start;
  const auto compared = std::min(start.size(), held_.size());
  if (held_.compare(0, compared, start, 0, compared) != 0) return failed(Fault::Malformed);
  const auto from = std::max(searched_, start.size());
  const auto end = held_.size() < from ? std::string::npos : held_.find(framing_.end, from);
  if (end == std::string::npos) {
    bytes = {};
    searched_ = held_.size() - std::min(held_.size(), framing_.end.size() - 1);
    if (held_.size() > start.size() + frame_bytes_max_ + framing_.end.size())
      return failed(Fault::FrameTooLong);
    return std::nullopt;
  }
  if (end - start.size() > frame_bytes_max_) return failed(Fault::FrameTooLong);
  bytes.remove_prefix(end + framing_.end.size() - before);
  auto content = held_.substr(start.size(), end - start.size());
  held_ = {};
  searched_ = 0;
  return content;
}

/// False: it is malformed or too long.
bool FrameReader::read_length() {
  auto number = read_number(held_, framing_.little_endian);
  if (framing_.counts_itself) {
    if (number < framing_.length_bytes) return failed(Fault::Malformed).has_value();
    number -= framing_.length_bytes;
  }
  if (number > frame_bytes_max_) return failed(Fault::FrameTooLong).has_value();
  length_ = number;
  return true;
}

std::optional<std::string> FrameReader::next_counted(std::string_view& bytes) {
  if (!length_) {
    const auto part = bytes.substr(0, framing_.length_bytes - held_.size());
    held_ += part;
    bytes.remove_prefix(part.size());
    if (held_.size() < framing_.length_bytes || !read_length()) return std::nullopt;
  }
  const auto part =
      bytes.substr(0, static_cast<std::size_t>(*length_) + framing_.length_bytes - held_.size());
  held_ += part;
  bytes.remove_prefix(part.size());
  if (held_.size() < *length_ + framing_.length_bytes) return std::nullopt;
  auto content = held_.substr(framing_.length_bytes);
  held_ = {};
  length_.reset();
  return content;
}

std::optional<std::string> FrameReader::failed(Fault fault) {
  fault_ = fault;
  held_ = {};
  return std::nullopt;
}

}  // namespace causeway::connectors::tcp
