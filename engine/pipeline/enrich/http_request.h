// What a script asks of a server, checked: URL and body. Pure.
#pragma once

#include <string>

#include "engine/config/value.h"
#include "engine/core/result.h"

namespace causeway::pipeline {

struct HttpRequest {
  std::string url;
  std::string body;
  bool is_json = false;  ///< The body.
};

inline constexpr std::size_t http_url_bytes_max = 8 * 1024;

/// `base` is the stage's URL; `request` an object of path, query and body. Whatever the script
/// gives stays below the base: its path can't leave it, and nothing of it is taken for another
/// part. Invalid, in words for who writes the script, without the values; Limit.
Result<HttpRequest> http_request(std::string_view base, const config::Value& request);

/// http or https, with a host, without user, query and fragment.
Status check_base_url(std::string_view url);

}  // namespace causeway::pipeline
