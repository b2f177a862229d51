#include "engine/api/message_transfer.h"

#include <algorithm>

#include "engine/api/json_text.h"
#include "engine/config/value.h"

namespace causeway::api {
namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr ContentType content_types[] = {
    ContentType::Binary, ContentType::Hl7v2, ContentType::Text, ContentType::Json,
    ContentType::Xml,    ContentType::Dicom, ContentType::X12,  ContentType::Csv};

Error invalid(const char* text) {
  return {ErrorKind::Invalid, "", text};
}

std::string hexadecimal(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::optional<std::string> from_hexadecimal(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = digits.find(text[i]), low = digits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::string text_in(const config::Value& object, std::string_view name) {
  const auto* member = object.find(name);
  return member && member->string() ? *member->string() : std::string();
}

}  // namespace

std::string transfer_line(const std::string& channel, const StoredMessage& message,
                          std::optional<std::string_view> content) {
  const auto& arrival = message.arrival;
  JsonText json;
  json.begin_object().member("id", to_string(message.id));
  json.member("received_at", arrival.received_at);
  json.member("channel", channel);
  json.member("type", arrival.type).member("control_id", arrival.control_id);
  json.member("sender", arrival.draft.sender.address).member("peer", arrival.draft.sender.name);
  json.member("content_type", to_string(arrival.draft.content_type));
  const auto bytes = arrival.draft.body.size();
  if (!content && bytes == 0)
    json.member("gone", true);
  else if (!content)
    json.member("bytes", bytes).member("pieces", transfer_pieces(bytes));
  else if (is_utf8(*content) && content->find('\0') == std::string_view::npos)
    json.member("body", *content);
  else
    json.member("body_hex", hexadecimal(*content));
  return json.end_object().take();
}

std::uint64_t transfer_pieces(std::uint64_t bytes) {
  return (bytes + transfer_piece_bytes - 1) / transfer_piece_bytes;
}

std::string transfer_piece_line(MessageId of, std::uint64_t number, std::string_view content) {
  JsonText json;
  json.begin_object().member("of", to_string(of)).member("piece", number);
  return json.member("body_hex", hexadecimal(content)).end_object().take();
}

std::string transfer_end_line(std::int64_t messages, std::int64_t gone) {
  JsonText json;
  json.begin_object().member("end", true).member("messages", messages).member("gone", gone);
  return json.end_object().take();
}

Result<Transferred> read_transfer_line(std::string_view line) {
  auto value = config::parse_json(line, "line");
  if (!value || !value->object()) return invalid("no JSON object");
  Transferred read;
  auto id = parse_message_id(text_in(*value, "id"));
  if (!id) return invalid("\"id\" is no number of a message");
  read.draft.origin = {"import", static_cast<std::uint64_t>(id->value)};
  read.draft.sender = {text_in(*value, "sender"), text_in(*value, "peer")};
  const auto type = text_in(*value, "content_type");
  const auto* found = std::find_if(std::begin(content_types), std::end(content_types),
                                   [&](auto each) { return to_string(each) == type; });
  if (found == std::end(content_types)) return invalid("\"content_type\" is none there is");
  read.draft.content_type = *found;
  read.upload = text_in(*value, "upload");
  if (!read.upload.empty()) return read;
  if (const auto* body = value->find("body"); body && body->string()) {
    read.content = *body->string();
  } else {
    auto bytes = from_hexadecimal(text_in(*value, "body_hex"));
    if (!bytes) return invalid("\"body_hex\" is not hexadecimal");
    read.content = std::move(*bytes);
  }
  if (read.content.empty()) return invalid("it has no content");
  if (read.content.size() > transfer_piece_bytes) return invalid("its content is too large");
  return read;
}

Result<TransferLine> look_at_transfer_line(std::string_view line) {
  auto value = config::parse_json(line, "line");
  if (!value || !value->object()) return invalid("no JSON object");
  const auto number = [&](std::string_view name) -> std::uint64_t {
    const auto* member = value->find(name);
    const auto* found = member ? member->integer() : nullptr;
    return found && *found > 0 ? static_cast<std::uint64_t>(*found) : 0;
  };
  TransferLine seen;
  seen.of = text_in(*value, "id");
  seen.pieces = number("pieces");
  if (value->find("end")) seen.kind = TransferLine::Kind::End;
  if (!value->find("of")) return seen;
  seen.kind = TransferLine::Kind::Piece;
  seen.of = text_in(*value, "of");
  seen.piece = number("piece");
  auto bytes = from_hexadecimal(text_in(*value, "body_hex"));
  if (!bytes || bytes->empty() || bytes->size() > transfer_piece_bytes)
    return invalid("it is no piece of a message's content");
  seen.content = std::move(*bytes);
  return seen;
}

std::string with_upload(std::string_view line, std::string_view upload) {
  JsonText json;
  json.begin_object().member("upload", upload).end_object();
  auto member = json.take();
  member.pop_back();
  return member + "," + std::string(line.substr(line.find('{') + 1));
}

}  // namespace causeway::api
