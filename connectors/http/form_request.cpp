#include "connectors/http/form_request.h"

#include <algorithm>

#include "connectors/http/head.h"

namespace causeway::connectors::http {
namespace {

Error malformed(std::string text) {
  return {ErrorKind::Invalid, "form", std::move(text)};
}

/// A parameter of a header's value: name="value" or name=value; backslashes quote.
std::optional<std::string> parameter(std::string_view value, std::string_view name) {
  auto rest = value.substr(std::min(value.size(), value.find(';')));
  while (!rest.empty()) {
    rest = trimmed(rest.substr(1));
    const auto equals = std::min(rest.find('='), rest.size());
    const auto found = lower_case(trimmed(rest.substr(0, equals)));
    rest.remove_prefix(std::min(rest.size(), equals + 1));
    std::string text;
    if (rest.starts_with('"')) {
      std::size_t i = 1;
      for (; i < rest.size() && rest[i] != '"'; ++i) {
        if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
        text += rest[i];
      }
      rest.remove_prefix(std::min(rest.size(), i + 1));
    } else {
      text = trimmed(rest.substr(0, rest.find(';')));
    }
    if (found == name) return text;
    rest.remove_prefix(std::min(rest.size(), rest.find(';')));
  }
  return std::nullopt;
}

Status read_part_headers(std::string_view headers, FormPart& part) {
  while (!headers.empty()) {
    const auto line = headers.substr(0, headers.find("\r\n"));
    headers.remove_prefix(std::min(headers.size(), line.size() + 2));
    const auto colon = line.find(':');
    if (colon == line.npos) return malformed("a part's header has no colon");
    const auto name = lower_case(trimmed(line.substr(0, colon)));
    const auto value = trimmed(line.substr(colon + 1));
    if (name == "content-type") part.content_type = value;
    if (name != "content-disposition") continue;
    part.name = parameter(value, "name").value_or("");
    part.file_name = parameter(value, "filename").value_or("");
  }
  return Done{};
}

/// A part without its line of boundary: headers, an empty line, the body.
Result<FormPart> read_part(std::string_view text) {
  FormPart part;
  if (text.starts_with("\r\n")) {
    part.body = text.substr(2);
    return part;
  }
  const auto end = text.find("\r\n\r\n");
  if (end == text.npos) return malformed("a part has no end of its headers");
  if (end > form_part_header_bytes_max) return malformed("the headers of a part are too long");
  if (auto read = read_part_headers(text.substr(0, end), part); !read) return read.error();
  part.body = text.substr(end + 4);
  return part;
}

}  // namespace

Result<std::vector<FormPart>> parse_form(std::string_view content_type, std::string_view bytes) {
  const auto boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > 70)
    return malformed("its type has no boundary");
  const auto delimiter = "\r\n--" + *boundary;
  std::vector<FormPart> parts;
  // The first one may stand at the very beginning.
  auto at = bytes.starts_with(delimiter.substr(2)) ? delimiter.size() - 2 : bytes.find(delimiter);
  if (at == bytes.npos) return malformed("it has no part");
  if (!bytes.starts_with(delimiter.substr(2))) at += delimiter.size();
  auto rest = bytes.substr(at);
  for (;;) {
    if (rest.starts_with("--")) return parts;
    const auto line_end = rest.find("\r\n");
    if (line_end == rest.npos || rest.substr(0, line_end).find_first_not_of(" \t") != rest.npos)
      if (line_end != 0) return malformed("a boundary's line is malformed");
    rest.remove_prefix(line_end + 2);
    const auto end = rest.find(delimiter);
    if (end == rest.npos) return malformed("it isn't closed by its boundary");
    if (parts.size() == form_parts_max) return Error{ErrorKind::Limit, "form", "too many parts"};
    auto part = read_part(rest.substr(0, end));
    if (!part) return part.error();
    parts.push_back(std::move(*part));
    rest.remove_prefix(end + delimiter.size());
  }
}

bool FormRequest::answer(std::size_t part, Reply reply) {
  replies_[part] = std::move(reply);
  return ++answered_ == replies_.size();
}

const Reply& FormRequest::worst() const {
  const auto worst = std::max_element(
      replies_.begin(), replies_.end(),
      [](const auto& a, const auto& b) { return a->verdict.code < b->verdict.code; });
  return **worst;
}

std::vector<MessageId> FormRequest::messages() const {
  std::vector<MessageId> ids;
  for (const auto& reply : replies_)
    if (reply->message) ids.push_back(reply->message);
  return ids;
}

}  // namespace causeway::connectors::http
