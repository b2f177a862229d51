#include "connectors/support/folder/name_template.h"

#include "connectors/support/folder/folder.h"
#include "engine/formats/hl7v2/header.h"

namespace causeway::connectors::folder {
namespace {

constexpr std::size_t template_bytes_max = 500;
constexpr std::size_t value_bytes_max = 100;
constexpr std::string_view attribute_prefix = "attribute:";
/// What file systems take for a name; temporary names need some of it.
constexpr std::size_t path_bytes_max = 255;

std::string safe(std::string_view value) {
  std::string text(value.substr(0, value_bytes_max));
  for (auto& c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == '_';
    if (!plain) c = '_';
  }
  if (text.empty() || text.front() == '.') text.insert(0, 1, '_');
  return text;
}

/// Of the message's arrival.
std::string arrival_time(MessageId message, const char* format) {
  return utc_text(SystemTime(std::chrono::milliseconds(unix_ms_of(message))), format);
}

std::string attribute_of(const StoredDelivery& delivery, const std::string& name) {
  const auto* value = find_attribute(delivery.attributes, name);
  return value ? *value : std::string();
}

/// "ADT_A01" of "ADT^A01^ADT_A01".
std::string type_of(std::string_view body) {
  const auto header = hl7v2::peek_header(body);
  if (!header) return {};
  const char component = header->delimiters.component;
  const auto first = header->type.find(component);
  if (first == std::string_view::npos) return std::string(header->type);
  const auto second = header->type.find(component, first + 1);
  return std::string(header->type.substr(0, second));
}

Error bad_template(std::string_view text, std::string_view why) {
  return {ErrorKind::Invalid, printable(text.substr(0, template_bytes_max)), std::string(why)};
}

}  // namespace

Result<NameTemplate> NameTemplate::parse(std::string_view text) {
  if (text.empty() || text.size() > template_bytes_max)
    return bad_template(text, "a name has 1 to 500 characters");
  NameTemplate result;
  std::string outline;  // with a letter for each value
  for (auto rest = text; !rest.empty();) {
    const auto open = rest.find('{');
    const auto literal = rest.substr(0, open);
    if (literal.find('}') != std::string_view::npos) return bad_template(text, "a } without its {");
    if (!literal.empty()) result.pieces_.push_back({Kind::Literal, std::string(literal), {}});
    outline += literal;
    if (open == std::string_view::npos) break;
    const auto close = rest.find('}', open);
    if (close == std::string_view::npos) return bad_template(text, "a { without its }");
    auto piece = variable(rest.substr(open + 1, close - open - 1));
    if (!piece) return piece.error();
    result.pieces_.push_back(std::move(*piece));
    outline += 'x';
    rest.remove_prefix(close + 1);
  }
  if (auto good = check_relative(outline); !good)
    return bad_template(text, "not a path of names below the folder");
  return result;
}

Result<NameTemplate::Piece> NameTemplate::variable(std::string_view name) {
  if (name == "message_id") return Piece{Kind::MessageId, {}, {}};
  if (name == "part") return Piece{Kind::Part, {}, {}};
  if (name == "date") return Piece{Kind::Date, {}, {}};
  if (name == "time") return Piece{Kind::Time, {}, {}};
  if (name == "type") return Piece{Kind::Type, {}, {}};
  if (name.starts_with(attribute_prefix) && name.size() > attribute_prefix.size())
    return Piece{Kind::Attribute, std::string(name.substr(attribute_prefix.size())), {}};
  auto path = hl7v2::parse_path(name == "control_id" ? "MSH-10" : name);
  if (path && path->field > 0 && path->groups.empty() && !path->has_wildcard())
    return Piece{Kind::Path, {}, std::move(*path)};
  return bad_template(name,
                      "not known: there are {message_id}, {part}, {date}, {time}, {type}, "
                      "{control_id}, {attribute:NAME} and places of HL7 v2 such as {PID-3.1}");
}

std::string NameTemplate::value_of(const Piece& piece, const StoredDelivery& delivery,
                                   std::string_view body) {
  switch (piece.kind) {
    case Kind::Literal:
      return piece.text;
    case Kind::MessageId:
      return to_string(delivery.work.message);
    case Kind::Part:
      return std::to_string(delivery.work.part + 1);
    case Kind::Date:
      return arrival_time(delivery.work.message, "%Y%m%d");
    case Kind::Time:
      return arrival_time(delivery.work.message, "%H%M%S");
    case Kind::Type:
      return safe(type_of(body));
    case Kind::Attribute:
      return safe(attribute_of(delivery, piece.text));
    case Kind::Path:
      return safe(hl7v2::peek(body, piece.path).value_or(""));
  }
  return {};
}

Result<std::string> NameTemplate::fill(const StoredDelivery& delivery,
                                       std::string_view body) const {
  std::string path;
  for (const auto& piece : pieces_) path += value_of(piece, delivery, body);
  if (path.size() > path_bytes_max)
    return Error{ErrorKind::Limit, "", "the file's name is longer than 255 bytes"};
  return path;
}

bool NameTemplate::reads_body() const {
  for (const auto& piece : pieces_)
    if (piece.kind == Kind::Type || piece.kind == Kind::Path) return true;
  return false;
}

bool NameTemplate::is_unique() const {
  for (const auto& piece : pieces_)
    if (piece.kind == Kind::MessageId) return true;
  return false;
}

}  // namespace causeway::connectors::folder
