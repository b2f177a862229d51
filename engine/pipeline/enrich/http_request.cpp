#include "engine/pipeline/enrich/http_request.h"

#include "engine/config/problems.h"
#include "engine/config/revision_hash.h"

namespace causeway::pipeline {
namespace {

Error wrong(std::string text) {
  return {ErrorKind::Invalid, "", "the request: " + std::move(text)};
}

/// RFC 3986, 2.3: what needs no escape anywhere.
bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

/// A text or number; nullopt: it is neither.
std::optional<std::string> text_of(const config::Value& value) {
  if (value.string()) return *value.string();
  if (value.integer() || value.real() || value.boolean()) return config::canonical_json(value);
  return std::nullopt;
}

Result<std::vector<std::string>> segments_of(const config::Value& path) {
  std::vector<std::string> segments;
  if (const auto* list = path.list()) {
    for (const auto& each : *list) {
      const auto text = text_of(each);
      if (!text) return wrong("a segment of its path is a text or a number");
      segments.push_back(*text);
    }
    return segments;
  }
  if (!path.string()) return wrong("its path is a text, or a list of segments");
  std::string_view rest = *path.string();
  while (rest.starts_with('/')) rest.remove_prefix(1);
  while (!rest.empty()) {
    const auto slash = rest.find('/');
    segments.emplace_back(rest.substr(0, slash));
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  return segments;
}

Status add_path(const config::Value& path, std::string& url) {
  auto segments = segments_of(path);
  if (!segments) return std::move(segments).error();
  while (url.ends_with('/')) url.pop_back();
  for (const auto& segment : *segments) {
    if (segment.empty() || segment == "." || segment == "..")
      return wrong("a segment of its path is empty, or leads elsewhere");
    url += "/" + escaped(segment);
  }
  return Done{};
}

Status add_query(const config::Value& query, std::string& url) {
  const auto* members = query.object();
  if (!members) return wrong("its query is an object of texts and numbers");
  char sign = '?';
  for (const auto& [name, value] : *members) {
    const auto text = text_of(value);
    if (!text) return wrong("each value of its query is a text or a number");
    url += sign + escaped(name) + "=" + escaped(*text);
    sign = '&';
  }
  return Done{};
}

}  // namespace

Result<HttpRequest> http_request(std::string_view base, const config::Value& request) {
  const auto* members = request.object();
  if (!members) return wrong("an object of path, query and body");
  HttpRequest made{std::string(base), "", false};
  for (const auto& [key, value] : *members)
    if (key != "path" && key != "query" && key != "body")
      return wrong("it has path, query and body, and nothing else" +
                   config::did_you_mean(key, {"path", "query", "body"}));
  if (const auto* path = request.find("path"))
    if (auto added = add_path(*path, made.url); !added) return added.error();
  if (const auto* query = request.find("query"))
    if (auto added = add_query(*query, made.url); !added) return added.error();
  if (made.url.size() > http_url_bytes_max)
    return Error{ErrorKind::Limit, "", "the request: its URL is too long"};
  if (const auto* body = request.find("body")) {
    made.is_json = !body->string();
    made.body = body->string() ? *body->string() : config::canonical_json(*body);
  }
  return made;
}

Status check_base_url(std::string_view url) {
  const auto scheme = url.find("://");
  const auto name = url.substr(0, scheme == std::string_view::npos ? 0 : scheme);
  if (name != "http" && name != "https")
    return Error{ErrorKind::Invalid, "", "its url begins with http:// or https://"};
  const auto rest = url.substr(scheme + 3);
  const auto host = rest.substr(0, rest.find('/'));
  if (host.empty() || host.find('@') != std::string_view::npos ||
      rest.find_first_of("?# \t\r\n") != std::string_view::npos)
    return Error{ErrorKind::Invalid, "",
                 "its url has a host, and no user, query, fragment or blank: the script gives the "
                 "query, and user and password have fields of their own"};
  return Done{};
}

}  // namespace causeway::pipeline
