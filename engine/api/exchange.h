// A request as it came, and what is answered: HTTP without its wire. Plain values; a stream is used
// by the one thread that answers.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/result.h"

namespace causeway::api {

struct HttpRequest {
  std::string method;                                       ///< "GET"
  std::string target;                                       ///< As sent: "/api/messages?limit=5"
  std::map<std::string, std::string, std::less<>> headers;  ///< Names in lower case.
  std::string body;
  std::string peer;          ///< "127.0.0.1"
  bool sealed_wire = false;  ///< It came over TLS.

  std::string_view header(std::string_view name) const;
};

/// Where an answer of unknown or large size is written to, piece by piece.
class Stream {
 public:
  virtual ~Stream() = default;
  /// False: nobody reads any more, or the server is stopping. Blocks while the reader is slow.
  virtual bool write(std::string_view bytes) = 0;
  virtual bool stopping() const = 0;
};

struct Reply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  /// Instead of `body`. What fails in the middle can only be told by ending early.
  std::function<void(Stream&)> stream;
};

Reply json_reply(std::string json, int status = 200);
Reply created(std::string location, std::string json);
Reply no_content();

}  // namespace causeway::api
