// An answer as it leaves: what was composed, with what belongs to the connection. Pure.
#pragma once

#include "connectors/http/route.h"

namespace causeway::connectors::http {

struct AnswerRules {
  bool head_only = false;    ///< The request was HEAD.
  bool packs = false;        ///< The sender takes gzip.
  bool last = false;         ///< The connection closes after it.
  bool old_version = false;  ///< HTTP/1.0, and the connection stays open.
  SystemTime now{};
};

std::string answer_text(const Answer& answer, const AnswerRules& rules);

/// "Tue, 15 Nov 1994 08:12:31 GMT"
std::string http_date(SystemTime time);

}  // namespace causeway::connectors::http
