#include "engine/script/current_run.h"

#include <cstring>

namespace causeway::script {
namespace {

/// Length of the leading run of ASCII.
std::size_t ascii_prefix(std::string_view bytes) {
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    if (word & 0x8080808080808080u) break;
  }
  while (i < bytes.size() && static_cast<unsigned char>(bytes[i]) < 0x80) ++i;
  return i;
}

/// Bytes of the valid UTF-8 sequence at the start, which is not ASCII; 0: not valid.
std::size_t sequence_length(std::string_view bytes) {
  auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  auto lead = at(0);
  std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                       : (lead & 0xF0) == 0xE0        ? 3
                       : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                      : 0;
  if (length == 0 || bytes.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((at(i) & 0xC0) != 0x80) return 0;
  bool overlong = (lead == 0xE0 && at(1) < 0xA0) || (lead == 0xF0 && at(1) < 0x90);
  bool surrogate = lead == 0xED && at(1) > 0x9F;
  bool too_high = lead == 0xF4 && at(1) > 0x8F;
  return overlong || surrogate || too_high ? 0 : length;
}

bool declares_utf8(const hl7v2::Message& message) {
  hl7v2::Path character_set{.segment = "MSH", .field = 18};
  auto name = message.raw(character_set);
  return name == "UNICODE UTF-8" || name == "UTF-8" || name == "UTF8";
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  for (bytes.remove_prefix(ascii_prefix(bytes)); !bytes.empty();
       bytes.remove_prefix(ascii_prefix(bytes))) {
    auto length = sequence_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

void StepLog::line(std::string_view text) {
  if (cut_) return;
  auto room = limits::step_log_bytes - text_.size();
  if (text.size() < room) {
    text_.append(text).push_back('\n');
    return;
  }
  while (room > 0 && room < text.size() && (static_cast<unsigned char>(text[room]) & 0xC0) == 0x80)
    --room;  // not within a UTF-8 sequence
  text_.append(text.substr(0, room)).append("\n(the log is cut here)\n");
  cut_ = true;
}

Status CurrentRun::begin() {
  const auto& bytes = input.content.bytes;
  auto view = bytes ? std::string_view(*bytes) : std::string_view();
  if (input.content.type == ContentType::Hl7v2) {
    auto parsed = hl7v2::Message::parse(bytes);
    if (!parsed) return std::move(parsed).error();
    messages.push_back(std::move(parsed).value());
    if (declares_utf8(messages.front()) && is_utf8(view)) encoding = Encoding::Utf8;
  } else if (input.content.type != ContentType::Binary &&
             input.content.type != ContentType::Dicom && is_utf8(view)) {
    encoding = Encoding::Utf8;
  }
  return Done{};
}

bool CurrentRun::charge(std::size_t bytes) {
  charged_bytes += std::min(bytes, limits.output_bytes + 1);
  return charged_bytes <= limits.output_bytes;
}

}  // namespace causeway::script
