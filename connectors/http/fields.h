// What an HTTP source and sink can be told, and what was read of it. Plain values.
#pragma once

#include "connectors/http/authentication.h"
#include "connectors/http/path_pattern.h"
#include "connectors/http/soap.h"
#include "connectors/support/endpoint.h"
#include "engine/config/fields.h"
#include "engine/core/body.h"

namespace causeway::connectors::http {

const config::Fields& source_fields();

/// Of the listening socket and its connections. Sources on one address share a listener, and have
/// the same of these.
struct ListenerSettings : Endpoint {
  bool demands_certificate = false;
  std::size_t connections_max = 0;
  Milliseconds idle_timeout{0};     ///< 0: never.
  Milliseconds request_timeout{0};  ///< 0: never.
  std::size_t header_bytes_max = 0;
  std::size_t buffered_bytes_max = 0;
  std::size_t unanswered_max = 0;
  /// All of it as it was declared, but for what the files hold: what is compared.
  std::string declared;
};

struct SourceSettings {
  enum class Multipart : std::uint8_t { Whole, Split, OnePart };

  ListenerSettings listener;
  PathPattern path;
  std::vector<std::string> methods;
  std::vector<std::string> accepted;   ///< Media types; empty: all.
  std::optional<ContentType> content;  ///< None: by the media type.
  std::uint64_t body_bytes_max = 0;
  std::vector<std::string> headers;  ///< Told to scripts; in lower case.
  std::string status_url;
  Multipart multipart = Multipart::Whole;
  std::string part;
  bool heeds_idempotency_key = true;
  Soap soap = Soap::None;
  Authentication authentication;

  /// Whether a body of this media type has to be in memory whole: it is taken apart.
  bool takes_apart(std::string_view media_type) const;
  /// Whether bodies of this media type are taken.
  bool takes(std::string_view media_type) const;
};

/// Errors: Invalid, where certificates or the path can't be read or the address is no address; a
/// secret that isn't there.
Result<SourceSettings> source_settings(const config::Parsed& parsed, const Secrets* secrets);

}  // namespace causeway::connectors::http
