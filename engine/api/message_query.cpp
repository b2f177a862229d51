#include "engine/api/message_query.h"

#include "engine/api/time_text.h"
#include "engine/core/limits.h"
#include "engine/formats/hl7v2/message.h"

namespace causeway::api {
namespace {

Status add_term(const std::string& term, store::SearchRequest& request) {
  const auto equals = term.find('=');
  auto path = hl7v2::parse_path(term.substr(0, equals));
  if (!path) return path.error();
  if (equals == std::string::npos || equals + 1 == term.size())
    return Error{ErrorKind::Invalid, term, "a term is PATH=VALUE"};
  const auto value = term.substr(equals + 1, limits::search_value_bytes);
  request.term = SearchTerm{hl7v2::to_string(*path), value};
  request.verify = [path = *path, value](const StoredMessage& message) {
    for (auto found :
         hl7v2::peek_all(message.arrival.draft.body.view(), path, limits::search_terms_max))
      if (found.substr(0, limits::search_value_bytes) == value) return true;
    return message.arrival.draft.body.is_staged();
  };
  return Done{};
}

}  // namespace

Result<store::SearchRequest> search_request(Names& names, const MessageQuery& query,
                                            SystemTime now) {
  store::SearchRequest request;
  request.to = now + std::chrono::hours(24);
  for (auto [text, time] : {std::pair(&query.from, &request.from), {&query.to, &request.to}}) {
    if (text->empty()) continue;
    auto parsed = parse_time(*text);
    if (!parsed) return parsed.error();
    *time = *parsed;
  }
  if (!query.after.empty()) {
    auto after = parse_message_id(query.after);
    if (!after) return after.error();
    request.before = *after;
  }
  const bool all = query.channel.empty() && query.scopes == std::vector<std::string>{""};
  if (!all) {
    if (auto loaded = names.load(); !loaded) return loaded.error();
    request.channels = names.channels_in(query.channel, query.scopes);
    if (request.channels.empty())
      return Error{ErrorKind::NotFound, query.channel,
                   "no channel has this path, or is in this folder"};
  }
  if (!query.term.empty())
    if (auto added = add_term(query.term, request); !added) return added.error();
  return request;
}

}  // namespace causeway::api
