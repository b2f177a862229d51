// The rows of many verbs, as one transaction: the statements, and the columns for them. A table
// that gets no rows gets no statement. Used by one writer thread; built anew for every try.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "engine/store/journal/sealed_rows.h"
#include "engine/store/postgres/connection.h"

namespace causeway::store {

/// All statements of the journal's writers, to be prepared on their connections.
std::vector<Statement> journal_statements();

/// Where a row of this transaction can be looked for afterwards.
struct Witness {
  enum class Kind { None, Message, Settlement, Passage } kind = Kind::None;
  std::int64_t id = 0;
  std::int64_t number = 0;  ///< Settlement: seq. Passage: run.
};

class Batch {
 public:
  Batch();
  ~Batch();

  /// Messages whose origin was there before: new id → first id. They are left out.
  using There = std::map<std::int64_t, std::int64_t>;

  void add(const SealedRows& rows, const There& there, std::int64_t& seq);
  void add_low_water(WorkQueue queue, MessageId id);
  /// Buckets that may not be in the directory yet.
  void add_bucket(std::int64_t bucket);

  /// Sends all statements (not the sync). Returns how many.
  Result<int> send(Connection& connection);
  /// Whether it was committed can be told by this row.
  Witness witness() const { return witness_; }

 private:
  struct Columns;
  void add_message(const MessageRow& row);
  void add_passage(const PassageRow& row);
  void add_settlement(const SettlementRow& row, std::int64_t seq);
  void add_attention();
  void add_states();

  std::unique_ptr<Columns> columns_;
  std::map<WorkRef, const AttentionCells*> attention_;  // the last change; null: deleted
  using StatePlace = std::tuple<std::int32_t, std::int64_t, std::int64_t>;
  std::map<StatePlace, const StateCells*> states_;  // the last change
  Witness witness_;
};

/// Origins of a batch, looked up (and put, where new) before its rows are written.
class OriginLookup {
 public:
  /// False if no message of the rows has an origin.
  bool add(const SealedRows& rows);
  bool empty() const { return ids_.empty(); }
  /// Sends two statements.
  Status send(Connection& connection);
  /// From the answer to the second.
  Batch::There there(const Rows& found) const;

 private:
  std::vector<std::int64_t> ids_;
  std::vector<OriginKey> keys_;
};

}  // namespace causeway::store
