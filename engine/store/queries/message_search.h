// Finding messages: by time, channel, type, peer, state, error class and search term; newest first,
// in pages. Thread-safe.
//
// All that a request names must hold. What narrows the search most leads it, day by day backwards:
// a cause of failures, then a term, then what needs attention, then type, peer or channel (see
// journal/facets.h), then time alone. A term is looked up by its keyed hash; the caller's `verify`
// sees the opened message, so that what is shown really matches. What one page looks at is bounded
// (rows and time); a page may hence be short, or empty, and still say where to go on.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "engine/core/message.h"
#include "engine/core/work.h"
#include "engine/store/postgres/connection_pool.h"
#include "engine/store/sealing/sealer.h"

namespace causeway::store {

struct SearchRequest {
  static constexpr std::size_t rows_max = 1000;

  std::vector<ChannelId> channels;  ///< Empty: all.
  SystemTime from;                  ///< Inclusive, by the time in the message's id.
  SystemTime to;                    ///< Exclusive.
  std::optional<SearchTerm> term;
  std::string type;  ///< Two components: "ADT^A01"; further ones are left out. Empty: any.
  std::string peer;  ///< The authenticated name, or else the address without port. Empty: any.
  /// Some piece of its work is in one of these states, for one of these causes. Both empty: any
  /// message; one of them empty: any state, or any cause, of what needs attention.
  std::vector<AttentionState> attention;
  std::vector<ErrorKind> kinds;
  std::uint64_t cause = 0;     ///< Of a failure (core/failure.h); 0: any, or none.
  std::vector<RunState> runs;  ///< How its last run ended; empty: in any way, or not yet.
  MessageId before;            ///< From the page before; 0: the first page.
  std::size_t rows = 50;
  /// Whether an opened message really has the term; empty: the hash is trusted. Messages whose
  /// content is gone are found without it.
  std::function<bool(const StoredMessage&)> verify;
};

struct FoundMessage {
  StoredMessage message;  ///< With its body, unless that is gone.
  std::uint64_t body_bytes = 0;
  bool content_gone = false;
  std::optional<RunState> state;  ///< Of the last run; empty: none has been recorded.
  bool needs_attention = false;
};

struct SearchPage {
  std::vector<FoundMessage> found;  ///< Newest first.
  MessageId next;                   ///< `before` of the next page; 0: that was all.
};

class MessageSearch {
 public:
  static constexpr std::size_t examined_max = 20'000;
  static constexpr auto page_patience = std::chrono::seconds(5);
  /// Requests for more channels than this look through all messages for them.
  static constexpr std::size_t led_channels_max = 64;

  MessageSearch(ConnectionPool& pool, Sealer& sealer) : pool_(pool), sealer_(sealer) {}

  Result<SearchPage> find(const SearchRequest& request);

 private:
  struct Range {
    MessageId from;    // inclusive
    MessageId before;  // exclusive
  };
  /// What one look brought: candidates, newest first, and from where on all has been looked at.
  struct Look {
    std::vector<MessageId> ids;
    MessageId down_to;
  };
  /// How far back the next look by facets goes: further each time that nothing much is found.
  struct Stride {
    std::int64_t blocks = 64;
  };
  Result<Look> look(const SearchRequest& request, Range range, Stride& stride);
  Result<Look> look_recent(const SearchRequest& request, Range range);
  Result<Look> look_attention(const SearchRequest& request, Range range);
  Result<Look> look_cause(const SearchRequest& request, Range range);
  Result<Look> look_term(const SearchRequest& request, Range range);
  Result<Look> look_facets(const SearchRequest& request, Range range, Stride& stride);
  /// The newest day in the range on which anything with a term came; nothing: there is none.
  Result<std::optional<Day>> newest_day(Range range);
  Status add_found(const SearchRequest& request, const std::vector<MessageId>& ids,
                   SearchPage& page);
  bool matches(const SearchRequest& request, const FoundMessage& found, std::int32_t type_key,
               std::int32_t peer_key);

  ConnectionPool& pool_;
  Sealer& sealer_;
};

}  // namespace causeway::store
