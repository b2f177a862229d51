// What can be configured about an HTTP source.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "connectors/http/fields.h"
#include "connectors/http/head.h"
#include "engine/config/revision_hash.h"

namespace causeway::connectors::http {
namespace {

constexpr std::int64_t mebibyte = 1024 * 1024;
constexpr std::int64_t gibibyte = 1024 * mebibyte;

config::Fields listener_fields() {
  return {
      config::text("host", "IPv4 or IPv6 address to listen on; 0.0.0.0 or :: for all")
          .defaults_to("127.0.0.1"),
      config::integer("port",
                      "TCP port to listen on; 0 takes any free one. Sources with one address share "
                      "it, and have the same settings from here to `unanswered_max`")
          .between(0, 65535)
          .required(),
      tls_server_field(),
      config::integer("connections_max", "Open connections; further ones are closed at once")
          .between(1, 10'000)
          .defaults_to(1000),
      config::duration_ms("idle_timeout_ms",
                          "Close a connection after so long without a byte; 0: never", 120'000),
      config::duration_ms("request_timeout_ms",
                          "Answer 408 to a request that isn't whole after so long; 0: never",
                          300'000),
      config::size_bytes("header_bytes_max", "Longest head of a request", 32 * 1024)
          .between(1024, mebibyte),
      config::size_bytes("buffered_bytes_max",
                         "Bytes of unfinished requests held for all connections together; the "
                         "connection that passes it is closed",
                         256 * mebibyte)
          .between(mebibyte, 16 * gibibyte),
      config::integer("unanswered_max",
                      "Requests of one connection taken in before their answers are out")
          .between(1, 1000)
          .defaults_to(32),
  };
}

config::Fields request_fields() {
  return {
      config::text_list("methods", "Methods that are taken; without it POST"),
      config::text("path",
                   "Path that is taken: \"/patients/{id}/orders\", where {id} is one segment, and "
                   "{rest*} at the end any number of them")
          .required(),
      authentication_field(),
      config::text_list("accept",
                        "Media types of bodies that are taken: \"application/json\", \"text/*\"; "
                        "without it all"),
      config::choice("content", "What bodies are: by their media type, or always the same",
                     {"by_type", "hl7v2", "json", "xml", "text", "csv", "x12", "dicom", "binary"}),
      config::size_bytes("body_bytes_max",
                         "Longest body, unpacked; from 16 MiB on it is stored as it comes in",
                         64 * mebibyte)
          .between(1, 64 * gibibyte),
      config::text_list("headers", "Headers of the request that scripts see as attributes"),
      config::choice("multipart",
                     "A form (multipart/form-data, up to 16 MiB): one message as it is, each of "
                     "its parts a message, or one part",
                     {"whole", "split", "part"}),
      config::text("part", "With \"multipart\": \"part\": the part's name"),
      config::choice("soap",
                     "Bodies are SOAP envelopes (up to 16 MiB) of this version: what is in them is "
                     "the message, and answers are put into envelopes, errors as faults",
                     {"none", "1.1", "1.2"}),
      config::boolean("idempotency_keys",
                      "A request with the Idempotency-Key of an earlier one for the same path, by "
                      "the same sender, is not taken again, but answered like that one",
                      true),
      config::text("status_url",
                   "Where what becomes of a message can be seen, told with a 202 as Location; "
                   "{message} stands for its number"),
  };
}

bool takes_type(const std::string& pattern, const std::string& type) {
  if (pattern == type || pattern == "*/*") return true;
  return pattern.ends_with("/*") && type.starts_with(pattern.substr(0, pattern.size() - 1));
}

std::optional<ContentType> content_in(const std::string& word) {
  for (auto type : {ContentType::Hl7v2, ContentType::Json, ContentType::Xml, ContentType::Text,
                    ContentType::Csv, ContentType::X12, ContentType::Dicom, ContentType::Binary})
    if (to_string(type) == word) return type;
  return std::nullopt;
}

Result<ListenerSettings> read_listener(const config::Parsed& parsed, const Secrets* secrets) {
  ListenerSettings settings;
  if (auto read = read_listening_endpoint(parsed, secrets, settings); !read) return read.error();
  settings.demands_certificate = settings.tls && parsed.object("tls").boolean("verify_peer");
  auto size = [&](const char* name) { return static_cast<std::size_t>(parsed.integer(name)); };
  settings.connections_max = size("connections_max");
  settings.idle_timeout = parsed.duration("idle_timeout_ms");
  settings.request_timeout = parsed.duration("request_timeout_ms");
  settings.header_bytes_max = size("header_bytes_max");
  settings.buffered_bytes_max = size("buffered_bytes_max");
  settings.unanswered_max = size("unanswered_max");
  for (const auto& field : listener_fields())
    settings.declared += config::canonical_json(parsed.raw(field.name())) + ";";
  return settings;
}

Status read_request(const config::Parsed& parsed, SourceSettings& settings) {
  auto path = PathPattern::parse(parsed.text("path"));
  if (!path) return path.error();
  settings.path = std::move(*path);
  settings.methods = parsed.text_list("methods");
  if (settings.methods.empty()) settings.methods = {"POST"};
  for (const auto& method : settings.methods)
    if (!is_token(method) || method == "CONNECT" || method == "TRACE")
      return Error{ErrorKind::Invalid, "methods", "\"" + method + "\" can't be taken"};
  for (const auto& type : parsed.text_list("accept")) settings.accepted.push_back(lower_case(type));
  for (const auto& header : parsed.text_list("headers"))
    settings.headers.push_back(lower_case(header));
  settings.content = content_in(parsed.text("content"));
  settings.body_bytes_max = static_cast<std::uint64_t>(parsed.integer("body_bytes_max"));
  settings.status_url = parsed.text("status_url");
  if (!is_header_value(settings.status_url))
    return Error{ErrorKind::Invalid, "status_url", "it has control characters"};
  settings.heeds_idempotency_key = parsed.boolean("idempotency_keys");
  using Multipart = SourceSettings::Multipart;
  const auto multipart = parsed.text("multipart");
  if (multipart != "whole")
    settings.multipart = multipart == "split" ? Multipart::Split : Multipart::OnePart;
  settings.part = parsed.text("part");
  settings.soap = soap_version(parsed.text("soap"));
  if (settings.soap != Soap::None && settings.multipart != Multipart::Whole)
    return Error{ErrorKind::Invalid, "multipart", "with \"soap\" there are no forms"};
  if (settings.multipart == Multipart::OnePart && settings.part.empty())
    return Error{ErrorKind::Invalid, "part", "\"multipart\": \"part\" needs the part's name"};
  return Done{};
}

Result<std::string> read_keys_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(keys_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
  if (text.empty()) return Error{ErrorKind::Invalid, path, "can't read it, or it is empty"};
  return text;
}

Status read_authentication(const config::Parsed& parsed, const Secrets* secrets,
                           SourceSettings& settings) {
  if (!parsed.given("auth")) return Done{};
  auto authentication = Authentication::read(parsed.object("auth"), secrets);
  if (!authentication) return authentication.error();
  if (authentication->demands_certificate() && !settings.listener.demands_certificate)
    return Error{ErrorKind::Invalid, "auth.certificates", "it needs tls with verify_peer"};
  if (!authentication->demands_anything())
    return Error{ErrorKind::Invalid, "auth",
                 "it demands nothing: leave it out, or say who may send"};
  if (const auto* tokens = authentication->tokens()) {
    auto text = read_keys_file(tokens->keys_file);
    if (!text) return text.error();
    auto keys = TokenKeys::parse(*text);
    if (!keys) return Error{ErrorKind::Invalid, tokens->keys_file, keys.error().text};
    authentication->use_keys(std::make_shared<FixedTokenKeys>(std::move(*keys)));
  }
  settings.authentication = std::move(*authentication);
  return Done{};
}

}  // namespace

bool SourceSettings::takes_apart(std::string_view media_type) const {
  return soap != Soap::None || (multipart != Multipart::Whole &&
                                lower_case(media_type).starts_with("multipart/form-data"));
}

bool SourceSettings::takes(std::string_view media_type) const {
  const auto type = lower_case(trimmed(media_type.substr(0, media_type.find(';'))));
  if (accepted.empty()) return true;
  if (multipart != Multipart::Whole && type == "multipart/form-data") return true;
  return std::any_of(accepted.begin(), accepted.end(),
                     [&](const auto& pattern) { return takes_type(pattern, type); });
}

const config::Fields& source_fields() {
  static const config::Fields fields = [] {
    auto all = listener_fields();
    for (auto& field : request_fields()) all.push_back(field);
    return all;
  }();
  return fields;
}

Result<SourceSettings> source_settings(const config::Parsed& parsed, const Secrets* secrets) {
  SourceSettings settings;
  auto listener = read_listener(parsed, secrets);
  if (!listener) return listener.error();
  settings.listener = std::move(*listener);
  if (auto read = read_request(parsed, settings); !read) return read.error();
  if (auto read = read_authentication(parsed, secrets, settings); !read) return read.error();
  return settings;
}

}  // namespace causeway::connectors::http
