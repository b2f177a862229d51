#include "engine/script/current_run.h"

#include "engine/formats/encoding/converter.h"
#include "engine/formats/hl7v2/grammar/message_structure.h"

namespace causeway::script {
namespace {

bool declares_utf8(const hl7v2::Message& message) {
  hl7v2::Path character_set{.segment = "MSH", .field = 18};
  auto name = message.raw(character_set);
  return name == "UNICODE UTF-8" || name == "UTF-8" || name == "UTF8";
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  return encoding::is_utf8(bytes);
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
    parsed->use_groups(hl7v2::structure_groups());
    messages.push_back(std::move(parsed).value());
    if (declares_utf8(messages.front()) && is_utf8(view)) encoding = Encoding::Utf8;
  } else if (input.content.type == ContentType::Dicom) {
    auto parsed =
        dicom::DataSet::parse(bytes ? bytes : make_bytes({}), dicom::DataSet::Extent::Whole);
    if (!parsed) return std::move(parsed).error();
    data_sets.push_back(std::move(parsed).value());
  } else if (input.content.type != ContentType::Binary && is_utf8(view)) {
    encoding = Encoding::Utf8;
  }
  const bool sent_differs = input.sent.bytes && !is_utf8(*input.sent.bytes);
  if (sent_differs) encoding = Encoding::BytePerCharacter;
  return Done{};
}

bool CurrentRun::charge(std::size_t bytes) {
  charged_bytes += std::min(bytes, limits.output_bytes + 1);
  return charged_bytes <= limits.output_bytes;
}

void CurrentRun::segment_inserted(std::size_t message, std::size_t place,
                                  const hl7v2::SegmentRange* into) {
  const bool at_the_end = place + 1 == messages[message].segment_count();
  for (auto& segment : segments) {
    if (at_the_end) break;  // so that building a message is not quadratic
    if (segment.message == message && segment.place != removed_place && segment.place >= place)
      ++segment.place;
  }
  for (auto& group : groups) {
    auto& range = group.range;
    if (group.message != message || range.begin == range.end) continue;
    const bool grows = into && range.begin <= into->begin && range.end == place;
    if (range.begin >= place) ++range.begin;
    if (range.end > place || grows) ++range.end;
  }
}

void CurrentRun::segment_removed(std::size_t message, std::size_t place) {
  for (auto& segment : segments) {
    if (segment.message != message || segment.place == removed_place) continue;
    if (segment.place == place)
      segment.place = removed_place;
    else if (segment.place > place)
      --segment.place;
  }
  for (auto& group : groups) {
    auto& range = group.range;
    if (group.message != message) continue;
    if (range.begin > place) --range.begin;
    if (range.end > place) --range.end;
  }
}

}  // namespace causeway::script
