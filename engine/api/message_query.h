// What is searched for, as parameters say it: the same for the API and for the commands that look
// without it. Pure but for names.
#pragma once

#include "engine/api/names.h"
#include "engine/store/queries/message_search.h"

namespace causeway::api {

struct MessageQuery {
  std::string channel;  ///< This channel, or all in this folder; empty: all.
  std::string term;     ///< "PID-3.1=12345"; empty: none.
  std::string from;     ///< As parse_time reads it; empty: the beginning.
  std::string to;
  std::string after;  ///< The last message of the page before.
  std::vector<std::string> scopes{""};
};

/// Errors are in words for whoever asked; they quote nothing but what he asked for.
Result<store::SearchRequest> search_request(Names& names, const MessageQuery& query,
                                            SystemTime now);

}  // namespace causeway::api
