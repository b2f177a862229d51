#include "connectors/dicom/command.h"

#include "engine/formats/dicom/file.h"

namespace causeway::connectors::dicom {
namespace {

using causeway::dicom::ElementReader;
using causeway::dicom::Encoding;
using causeway::dicom::Tag;

constexpr Encoding encoding{.explicit_vr = false};
constexpr std::uint16_t no_data_set = 0x0101;
constexpr std::uint16_t data_set_follows = 0x0001;
constexpr std::uint16_t medium_priority = 0x0000;
constexpr std::size_t comment_bytes_max = 64;

namespace tags {
constexpr Tag group_length = 0x00000000;
constexpr Tag sop_class = 0x00000002;
constexpr Tag sop_class_asked = 0x00000003;
constexpr Tag field = 0x00000100;
constexpr Tag message_id = 0x00000110;
constexpr Tag message_id_answered = 0x00000120;
constexpr Tag priority = 0x00000700;
constexpr Tag data_set_type = 0x00000800;
constexpr Tag status = 0x00000900;
constexpr Tag error_comment = 0x00000902;
constexpr Tag sop_instance = 0x00001000;
constexpr Tag sop_instance_asked = 0x00001001;
constexpr Tag destination = 0x00000600;
constexpr Tag event_kind = 0x00001002;
constexpr Tag action_kind = 0x00001008;
constexpr Tag completed = 0x00001021;
constexpr Tag failed = 0x00001022;
constexpr Tag warnings = 0x00001023;
}  // namespace tags

Error invalid(std::string text) {
  return {ErrorKind::Invalid, "command", std::move(text)};
}

void put(std::string& out, Tag tag, std::string_view value, char padding) {
  encoding.put_u16(out, tag >> 16);
  encoding.put_u16(out, tag & 0xFFFF);
  encoding.put_u32(out, static_cast<std::uint32_t>(value.size() + value.size() % 2));
  out += value;
  if (value.size() % 2 != 0) out += padding;
}

void put_number(std::string& out, Tag tag, std::uint16_t value) {
  std::string bytes;
  encoding.put_u16(bytes, value);
  put(out, tag, bytes, '\0');
}

/// What one element says; false: a number that is none.
bool take(Tag tag, std::string_view value, Command& command) {
  const auto number = [&](std::uint16_t& into) {
    if (value.size() != 2) return false;
    into = encoding.u16(value.data());
    return true;
  };
  std::uint16_t type = 0;
  switch (tag) {
    case tags::field:
      return number(command.field);
    case tags::message_id:
    case tags::message_id_answered:
      return number(command.message_id);
    case tags::status:
      return number(command.status);
    case tags::data_set_type:
      if (!number(type)) return false;
      command.has_data_set = type != no_data_set;
      return true;
    case tags::sop_class:
    case tags::sop_class_asked:
      command.sop_class = causeway::dicom::unpadded(value);
      return true;
    case tags::sop_instance:
    case tags::sop_instance_asked:
      command.sop_instance = causeway::dicom::unpadded(value);
      return true;
    case tags::error_comment:
      command.comment = causeway::dicom::unpadded(value).substr(0, comment_bytes_max);
      return true;
    case tags::destination:
      command.destination = causeway::dicom::unpadded(value);
      return true;
    case tags::event_kind:
    case tags::action_kind:
      return number(command.kind);
    case tags::completed:
      return number(command.completed);
    case tags::failed:
      return number(command.failed);
    case tags::warnings:
      return number(command.warnings);
    default:
      return true;
  }
}

/// Requests about an instance that is there name it otherwise than those that bring one.
bool names_what_is_there(std::uint16_t field) {
  return field == commands::set || field == commands::action;
}

bool has_priority(std::uint16_t field) {
  return field == commands::store || field == commands::find || field == commands::move;
}

Tag kind_tag(std::uint16_t field) {
  return (field & ~commands::response_bit) == commands::action ? tags::action_kind
                                                               : tags::event_kind;
}

}  // namespace

Result<Command> read_command(std::string_view bytes) {
  Command command;
  ElementReader reader(bytes, encoding);
  for (;;) {
    auto element = reader.next();
    if (!element) return element.error();
    if (!*element) break;
    if (causeway::dicom::group_of((*element)->tag) != 0)
      return invalid("it has other groups than 0");
    if (!take((*element)->tag, (*element)->of(bytes), command))
      return invalid(causeway::dicom::to_string((*element)->tag) + " is no number");
  }
  if (reader.cut_off()) return invalid("it is cut off");
  if (command.field == 0) return invalid("it doesn't say what it asks for");
  return command;
}

std::string write_command(const Command& command) {
  std::string body;
  const bool there = names_what_is_there(command.field);
  if (!command.sop_class.empty())
    put(body, there ? tags::sop_class_asked : tags::sop_class, command.sop_class, '\0');
  put_number(body, tags::field, command.field);
  put_number(body, command.is_response() ? tags::message_id_answered : tags::message_id,
             command.message_id);
  if (!command.destination.empty()) put(body, tags::destination, command.destination, ' ');
  if (has_priority(command.field)) put_number(body, tags::priority, medium_priority);
  put_number(body, tags::data_set_type, command.has_data_set ? data_set_follows : no_data_set);
  if (command.is_response()) put_number(body, tags::status, command.status);
  if (!command.comment.empty())
    put(body, tags::error_comment, std::string_view(command.comment).substr(0, comment_bytes_max),
        ' ');
  if (!command.sop_instance.empty())
    put(body, there ? tags::sop_instance_asked : tags::sop_instance, command.sop_instance, '\0');
  if (command.kind != 0) put_number(body, kind_tag(command.field), command.kind);
  std::string length, out;
  encoding.put_u32(length, static_cast<std::uint32_t>(body.size()));
  put(out, tags::group_length, length, '\0');
  return out + body;
}

Command response_to(const Command& request, std::uint16_t status) {
  Command response;
  response.field = request.field | commands::response_bit;
  response.message_id = request.message_id;
  response.sop_class = request.sop_class;
  response.sop_instance = request.sop_instance;
  response.status = status;
  response.kind = request.kind;
  return response;
}

}  // namespace causeway::connectors::dicom
