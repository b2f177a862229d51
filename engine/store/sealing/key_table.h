// The port to where wrapped data keys are kept (a table in PostgreSQL; memory in tests).
//
// A row is written once; only its wrapping is replaced (when the master key is rotated), or its
// wrapped bytes are emptied for good (destroyed). Rows themselves stay: a row without wrapped bytes
// is how `open` knows that content was shredded on purpose, and why no second key is ever made for
// the same class and day. Blocks; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/result.h"
#include "engine/store/sealing/sealer.h"

namespace causeway::store {

/// Written into everything sealed. Chosen at random by whoever makes the key: above 0, 31 bits.
using KeyId = StrongId<struct KeyTag, std::int32_t>;

struct KeyRow {
  KeyId id;
  RetentionClass retention;  ///< Below 0: the installation's own keys, see data_keys.h.
  Day day;
  std::string wrapped;  ///< 65 bytes; empty: destroyed.
};

class KeyTable {
 public:
  virtual ~KeyTable() = default;

  /// Destroyed rows are found too.
  virtual Result<std::optional<KeyRow>> find(RetentionClass retention, Day day) = 0;
  virtual Result<std::optional<KeyRow>> find_by_id(KeyId id) = 0;
  /// Unique by id and by (retention, day). Durable when it returns. Returns the row that stands for
  /// (retention, day): this one, or the one that another engine inserted first. Conflict: the id is
  /// taken by another (retention, day).
  virtual Result<KeyRow> insert(const KeyRow& row) = 0;
  virtual Result<std::vector<KeyRow>> all() = 0;
  /// Replaces `old_wrapped` by `new_wrapped`. Conflict if the row holds anything else by now
  /// (rewrapped by another, or destroyed): it is left alone.
  virtual Status replace_wrapped(KeyId id, std::string_view old_wrapped,
                                 std::string_view new_wrapped) = 0;
  /// Empties the wrapped bytes. Done already, or no such row: not an error.
  virtual Status destroy(KeyId id) = 0;
};

}  // namespace causeway::store
