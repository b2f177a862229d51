// Turns the journal's verbs into sealed rows. Thread-safe; runs on the caller's thread, so that
// sealing isn't serial. Touches the database only where a day's data key isn't loaded yet.
#pragma once

#include <map>
#include <shared_mutex>

#include "engine/core/store.h"
#include "engine/store/journal/facets.h"
#include "engine/store/journal/sealed_rows.h"
#include "engine/store/sealing/sealer.h"

namespace causeway::store {

/// Which retention class a channel's content is sealed and kept under: the number of days, 0 for
/// ever. Thread-safe.
class RetentionClasses {
 public:
  void set_channel(ChannelId channel, RetentionClass retention);
  void set_destination(DestinationId destination, ChannelId channel);
  RetentionClass of(ChannelId channel) const;
  RetentionClass of(DestinationId destination) const;
  /// All classes in use.
  std::vector<RetentionClass> all() const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<ChannelId, RetentionClass> channels_;
  std::map<DestinationId, ChannelId> destinations_;
};

class RowMaker {
 public:
  RowMaker(Sealer& sealer, const KeyedHash& hash, const RetentionClasses& classes)
      : sealer_(sealer), hash_(hash), classes_(classes), facets_(sealer) {}

  /// An id and the bucket for its terms, as assigned in the order of calls.
  struct Place {
    MessageId id;
    std::int64_t term_bucket = 0;
  };

  Result<SealedRows> accept(const Arrival& arrival, Place place) const;
  /// `children`: places of the passage's children, in their order.
  Result<SealedRows> record(const Passage& passage, const std::vector<Place>& children) const;
  Result<SealedRows> settle(const Settlement& settlement) const;
  /// This message is committed: what stands for its block need not be written again.
  void committed(const MessageRow& message) const;

 private:
  Status add_message(SealedRows& rows, const Arrival& arrival, Place place) const;
  Status add_passage(SealedRows& rows, const Passage& passage) const;
  Status add_attention(SealedRows& rows, const std::vector<AttentionRow>& puts,
                       const std::vector<WorkRef>& settled) const;
  Status add_states(SealedRows& rows, const Passage& passage) const;
  Status add_attempts(SealedRows& rows, const Settlement& settlement) const;
  Result<ReplyCells> reply_cells(MessageId message, RetentionClass retention,
                                 const ReplyRecord& reply) const;
  std::vector<std::int64_t> term_hashes(const Arrival& arrival, const MessageRow& row) const;
  OriginKey origin_key(const Arrival& arrival) const;
  RetentionClass class_of(const Settlement& settlement) const;

  Sealer& sealer_;
  const KeyedHash& hash_;
  const RetentionClasses& classes_;
  mutable FacetWriter facets_;
};

/// The part of a SealPlace for what a run, or a delivery, has one of.
std::uint64_t seal_part(RunNumber run);
std::uint64_t seal_part(const WorkRef& work);

std::int64_t to_stored(SystemTime time);
SystemTime from_stored(std::int64_t microseconds);
inline std::int64_t to_stored(std::uint64_t hash) {
  return static_cast<std::int64_t>(hash);
}

}  // namespace causeway::store
