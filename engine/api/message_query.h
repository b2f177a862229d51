// What is searched for, as parameters say it: the same for the API and for the commands that look
// without it. Pure but for names.
#pragma once

#include "engine/api/names.h"
#include "engine/store/queries/message_search.h"

namespace causeway::api {

struct MessageQuery {
  std::string channel;  ///< This channel, or all in this folder; empty: all.
  std::string term;     ///< "PID-3.1=12345"; empty: none.
  std::string type;     ///< "ADT^A01"; empty: any.
  std::string peer;     ///< Its authenticated name, or else the address without port; empty: any.
  /// Words of AttentionState (some work of the message is so) and of RunState (its last run ended
  /// so): one of each of the two that is named.
  std::vector<std::string> states;
  std::vector<std::string> kinds;  ///< Words of ErrorKind: why it needs attention.
  std::string cause;               ///< Of a failure, as /api/errors names it; empty: any, or none.
  std::string from;                ///< As parse_time reads it; empty: the beginning.
  std::string to;
  std::string after;  ///< The last message of the page before.
  std::vector<std::string> scopes{""};
};

/// The number of a cause: 16 hexadecimal digits, and back. Nothing: it is none.
std::string cause_text(std::uint64_t cause);
std::optional<std::uint64_t> read_cause(std::string_view text);

/// The words that `states` and `kinds` may hold, for documents.
std::string state_words();
std::string kind_words();

/// A query as text, to be kept, and back. Scopes and place are left out. Damaged: not what
/// `query_text` made.
std::string query_text(const MessageQuery& query);
Result<MessageQuery> read_query_text(std::string_view text);

/// Errors are in words for whoever asked; they quote nothing but what he asked for.
Result<store::SearchRequest> search_request(Names& names, const MessageQuery& query,
                                            SystemTime now);

}  // namespace causeway::api
