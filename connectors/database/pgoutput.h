// PostgreSQL's logical replication as its plugin pgoutput writes it: one message's bytes, taken
// apart. What the columns of a row are called is said once for each table, before its rows.
//
// A decoder belongs to one stream and one thread. Errors: Invalid (bytes that break the format, a
// table that wasn't described), Limit.
// Standard: PostgreSQL's documentation, "Logical Replication Message Formats", version 1.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "connectors/database/database.h"

namespace causeway::connectors::database {

/// A place in the server's log.
using LogPosition = std::uint64_t;

inline constexpr std::size_t tables_max = 100'000;
inline constexpr std::size_t columns_max = 1664;  ///< As the server has it.

struct Begin {
  LogPosition commit = 0;  ///< Of the commit that is to come: names the transaction.
  std::int64_t at_us = 0;  ///< Since 2000, when it was committed.
  std::uint32_t transaction = 0;
};
struct Commit {
  LogPosition end = 0;  ///< Behind it.
};

struct Table {
  struct Column {
    std::string name;
    std::uint32_t type = 0;
    bool operator==(const Column&) const = default;
  };
  std::string schema, name;
  std::vector<Column> columns;
};

/// None: it wasn't sent, since it has not changed.
using SentCells = std::vector<std::optional<Cell>>;

struct Change {
  enum class Kind : std::uint8_t { Insert, Update, Delete, Truncate };
  Kind kind = Kind::Insert;
  const Table* table = nullptr;  ///< Until the decoder's next message.
  SentCells row;                 ///< Not of Delete and Truncate.
  SentCells old;                 ///< What is known of it: the key, or all; may be empty.
  bool old_is_key = false;       ///< Then the other columns of `old` say nothing.
};

class ChangeDecoder {
 public:
  /// monostate: nothing that concerns us (a type, an origin, a table's description). Several:
  /// Truncate, one for each table.
  using Decoded = std::variant<std::monostate, Begin, Commit, std::vector<Change>>;
  Result<Decoded> decode(std::string_view message);

 private:
  class Reader;
  Status describe(Reader& reader);
  Result<std::vector<Change>> change(char kind, Reader& reader);
  Result<std::vector<Change>> truncate(Reader& reader);

  std::map<std::uint32_t, Table> tables_;
};

}  // namespace causeway::connectors::database
