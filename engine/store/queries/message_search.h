// Finding messages: by time, channel and search term; newest first, in pages. Thread-safe.
//
// A term is looked up by its keyed hash, day by day backwards; the caller's `verify` sees the
// opened message, so that what is shown really matches. What one page looks at is bounded (rows and
// time); a page may hence be short, or empty, and still say where to go on.
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
  MessageId before;  ///< From the page before; 0: the first page.
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

  MessageSearch(ConnectionPool& pool, Sealer& sealer) : pool_(pool), sealer_(sealer) {}

  Result<SearchPage> find(const SearchRequest& request);

 private:
  struct Range {
    MessageId from;    // inclusive
    MessageId before;  // exclusive
  };
  Result<SearchPage> find_recent(const SearchRequest& request, Range range);
  Result<SearchPage> find_term(const SearchRequest& request, Range range);
  /// The newest day in the range on which anything with a term came; nothing: there is none.
  Result<std::optional<Day>> newest_day(Range range);
  Result<std::vector<MessageId>> ids_with_term(const SearchRequest& request, Day day, Range range,
                                               std::size_t rows);
  Status add_found(const SearchRequest& request, const std::vector<MessageId>& ids,
                   SearchPage& page);

  ConnectionPool& pool_;
  Sealer& sealer_;
};

}  // namespace causeway::store
