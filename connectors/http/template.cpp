#include "connectors/http/template.h"

#include "connectors/http/head.h"
#include "connectors/http/target.h"

namespace causeway::connectors::http {
namespace {

Error invalid(const std::string& name, std::string text) {
  return {ErrorKind::Invalid, "attribute " + name, std::move(text)};
}

/// Each segment encoded, the slashes as they are.
std::string encode_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    out += percent_encode(path.substr(0, end));
    if (end < path.size()) out += '/';
    path.remove_prefix(std::min(path.size(), end + 1));
  }
  return out;
}

bool has_dots(std::string_view path) {
  const auto padded = "/" + std::string(path) + "/";
  return padded.find("/../") != padded.npos || padded.find("/./") != padded.npos;
}

}  // namespace

Result<Template> Template::parse(std::string_view text, Encoding encoding) {
  Template made;
  made.encoding_ = encoding;
  while (!text.empty()) {
    const auto brace = std::min(text.find_first_of("{}"), text.size());
    if (brace > 0) made.pieces_.push_back({false, false, std::string(text.substr(0, brace))});
    text.remove_prefix(brace);
    if (text.empty()) break;
    const auto end = text.find('}');
    auto name = end == text.npos ? std::string_view() : text.substr(1, end - 1);
    if (text.front() == '}' || name.empty() || name.find('{') != name.npos)
      return Error{ErrorKind::Invalid, "", "a name stands in braces: \"{path.id}\""};
    const bool slashes = name.starts_with('+');
    if (slashes) name.remove_prefix(1);
    made.pieces_.push_back({true, slashes, std::string(name)});
    text.remove_prefix(end + 1);
  }
  return made;
}

Result<std::string> Template::expand(const SharedAttributes& attributes) const {
  std::string out;
  for (const auto& piece : pieces_) {
    if (!piece.is_name) {
      out += piece.text;
      continue;
    }
    const auto* value = find_attribute(attributes, piece.text);
    if (!value)
      return Error{ErrorKind::NotFound, "attribute " + piece.text,
                   "the delivery doesn't have it: a script gives it by ctx.attach or ctx.send"};
    if (auto appended = append(piece, *value, out); !appended) return appended.error();
  }
  return out;
}

Status Template::append(const Piece& piece, const std::string& value, std::string& out) const {
  if (!is_header_value(value)) return invalid(piece.text, "it has control characters");
  if (encoding_ == Encoding::None) {
    out += value;
    return Done{};
  }
  if (has_dots(value)) return invalid(piece.text, "a segment of dots");
  if (!piece.keeps_slashes) {
    out += percent_encode(value);
    return Done{};
  }
  // "/a" behind "/base/" would be another path.
  const bool doubled = out.ends_with('/') && value.starts_with('/');
  out += encode_path(doubled ? std::string_view(value).substr(1) : std::string_view(value));
  return Done{};
}

}  // namespace causeway::connectors::http
