#include "connectors/http/reply.h"

#include <array>
#include <charconv>

namespace causeway::connectors::http {
namespace {

struct Named {
  int status;
  std::string_view reason;
};
constexpr std::array<Named, 31> reasons{{{200, "OK"},
                                         {201, "Created"},
                                         {202, "Accepted"},
                                         {204, "No Content"},
                                         {301, "Moved Permanently"},
                                         {302, "Found"},
                                         {303, "See Other"},
                                         {304, "Not Modified"},
                                         {307, "Temporary Redirect"},
                                         {400, "Bad Request"},
                                         {401, "Unauthorized"},
                                         {403, "Forbidden"},
                                         {404, "Not Found"},
                                         {405, "Method Not Allowed"},
                                         {406, "Not Acceptable"},
                                         {408, "Request Timeout"},
                                         {409, "Conflict"},
                                         {410, "Gone"},
                                         {411, "Length Required"},
                                         {412, "Precondition Failed"},
                                         {413, "Content Too Large"},
                                         {415, "Unsupported Media Type"},
                                         {417, "Expectation Failed"},
                                         {422, "Unprocessable Content"},
                                         {429, "Too Many Requests"},
                                         {431, "Request Header Fields Too Large"},
                                         {500, "Internal Server Error"},
                                         {501, "Not Implemented"},
                                         {502, "Bad Gateway"},
                                         {503, "Service Unavailable"},
                                         {504, "Gateway Timeout"}}};

constexpr std::string_view retry_after = "Retry-After: 5\r\n";

std::string head_of(int status) {
  auto text = "HTTP/1.1 " + std::to_string(status) + " ";
  return text.append(reason_of(status)).append("\r\n");
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    // Control characters and what may be no UTF-8 are of no use to a sender.
    out += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f ? ' ' : c;
  }
  return out + "\"";
}

int status_in(const SharedAttributes& attributes, int otherwise) {
  const auto* text = find_attribute(attributes, "status");
  if (!text) return otherwise;
  int status = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), status);
  const bool good = read.ec == std::errc() && read.ptr == text->data() + text->size() &&
                    status >= 200 && status <= 599;
  return good ? status : otherwise;
}

/// What says how the bytes travel, which is the connection's to say.
bool is_of_connection(std::string_view name) {
  for (const std::string_view own : {"connection", "content-length", "transfer-encoding", "upgrade",
                                     "content-encoding", "keep-alive", "date", "trailer"})
    if (name == own) return true;
  return false;
}

std::string_view type_in(const SharedAttributes& attributes, std::string_view body) {
  const auto* type = find_attribute(attributes, "type");
  if (!type) return media_type_of(body);
  for (auto known : {ContentType::Hl7v2, ContentType::Text, ContentType::Json, ContentType::Xml,
                     ContentType::Dicom, ContentType::X12, ContentType::Csv})
    if (to_string(known) == *type)
      return known == ContentType::Text ? media_type_of(body) : media_type_of(known);
  return media_type_of(ContentType::Binary);
}

std::string verbatim(const Verdict& verdict) {
  const std::string_view body = *verdict.verbatim;
  const int by_itself = verdict.code == Verdict::Code::Accept ? 200 : status_of(verdict);
  auto text = head_of(status_in(verdict.attributes, by_itself));
  bool typed = false;
  static const Attributes none;
  for (const auto& [name, value] : verdict.attributes ? *verdict.attributes : none) {
    if (!name.starts_with("header.")) continue;
    const auto header = lower_case(std::string_view(name).substr(7));
    if (!is_token(header) || !is_header_value(value) || is_of_connection(header)) continue;
    typed = typed || header == "content-type";
    text.append(header).append(": ").append(value).append("\r\n");
  }
  if (!typed && !body.empty())
    text.append("content-type: ").append(type_in(verdict.attributes, body)).append("\r\n");
  return text.append("\r\n").append(body);
}

bool is_passing(ErrorKind kind) {
  return kind == ErrorKind::Unavailable || kind == ErrorKind::Stopped ||
         kind == ErrorKind::LeaseLost;
}

}  // namespace

std::string_view reason_of(int status) {
  for (const auto& named : reasons)
    if (named.status == status) return named.reason;
  return "";
}

std::string problem(int status, std::string_view detail, std::string_view more_headers) {
  auto text = head_of(status).append(more_headers);
  if (status == 503 || status == 429) text += retry_after;
  text += "content-type: application/problem+json\r\n\r\n{\"type\":\"about:blank\",\"title\":";
  text += json_text(reason_of(status)) + ",\"status\":" + std::to_string(status);
  if (!detail.empty()) text += ",\"detail\":" + json_text(detail);
  return text + "}\n";
}

int status_of(const Verdict& verdict) {
  if (verdict.code == Verdict::Code::Accept)
    return verdict.level == Verdict::Level::Done && verdict.kind != ErrorKind::TimedOut ? 200 : 202;
  if (is_passing(verdict.kind)) return 503;
  if (verdict.kind == ErrorKind::Limit) return 413;
  if (verdict.kind == ErrorKind::TimedOut) return 504;
  if (verdict.code == Verdict::Code::Reject) return verdict.kind == ErrorKind::Invalid ? 400 : 503;
  return 422;
}

std::string compose(const Verdict& verdict) {
  if (verdict.verbatim) return verbatim(verdict);
  const int status = status_of(verdict);
  if (verdict.code != Verdict::Code::Accept) return problem(status, verdict.text);
  return head_of(status).append("\r\n");
}

std::string compose_soap(const Verdict& verdict, Soap version) {
  const auto type = "content-type: " + std::string(soap_media_type(version)) + "\r\n\r\n";
  const bool accepted = verdict.code == Verdict::Code::Accept;
  if (verdict.verbatim && accepted)
    if (const auto wrapped = put_in_envelope(*verdict.verbatim, version))
      return head_of(status_in(verdict.attributes, 200)) + type + *wrapped;
  if (verdict.verbatim) return verbatim(verdict);
  if (accepted) return head_of(status_of(verdict)) + type + *put_in_envelope({}, version);
  const int status = status_of(verdict);
  const bool senders = status == 422 || status == 400 || status == 413;
  // The binding of 1.1 has faults in a 500 alone; of 1.2 the sender's in a 400.
  const auto again = status == 503 ? retry_after : std::string_view();
  return head_of(senders && version == Soap::V12 ? 400 : 500).append(again) + type +
         soap_fault(version, senders, verdict.text);
}

Composed take_apart(std::string_view bytes) {
  Composed composed;
  composed.status = 200;
  composed.body = bytes;
  const auto line = bytes.find("\r\n");
  const auto end = bytes.find("\r\n\r\n");
  if (!bytes.starts_with("HTTP/1.1 ") || end == bytes.npos || bytes.size() < 12) return composed;
  const auto digits = bytes.substr(9, 3);
  std::from_chars(digits.data(), digits.data() + digits.size(), composed.status);
  composed.headers = bytes.substr(line + 2, end - line);
  if (end == line) composed.headers = {};
  composed.body = bytes.substr(end + 4);
  return composed;
}

std::string_view media_type_of(ContentType type) {
  switch (type) {
    case ContentType::Hl7v2:
      return "application/hl7-v2";
    case ContentType::Text:
      return "text/plain; charset=utf-8";
    case ContentType::Json:
      return "application/json";
    case ContentType::Xml:
      return "application/xml";
    case ContentType::Dicom:
      return "application/dicom";
    case ContentType::X12:
      return "application/edi-x12";
    case ContentType::Csv:
      return "text/csv";
    case ContentType::Binary:
      break;
  }
  return "application/octet-stream";
}

std::string_view media_type_of(std::string_view body) {
  if (body.starts_with("MSH")) return media_type_of(ContentType::Hl7v2);
  const auto first = body.find_first_not_of(" \t\r\n");
  if (first == body.npos) return media_type_of(ContentType::Text);
  if (body[first] == '{' || body[first] == '[') return media_type_of(ContentType::Json);
  if (body[first] == '<') return media_type_of(ContentType::Xml);
  const bool text = body.find('\0') == body.npos;
  return media_type_of(text ? ContentType::Text : ContentType::Binary);
}

ContentType content_type_of(std::string_view media_type) {
  const auto name = lower_case(trimmed(media_type.substr(0, media_type.find(';'))));
  if (name == "application/json" || name == "text/json" || name.ends_with("+json"))
    return ContentType::Json;
  if (name == "application/xml" || name == "text/xml" || name.ends_with("+xml"))
    return ContentType::Xml;
  if (name.find("hl7-v2") != name.npos) return ContentType::Hl7v2;
  if (name == "text/csv") return ContentType::Csv;
  if (name == "application/dicom") return ContentType::Dicom;
  if (name == "application/edi-x12" || name == "application/x12") return ContentType::X12;
  return name.starts_with("text/") ? ContentType::Text : ContentType::Binary;
}

}  // namespace causeway::connectors::http
