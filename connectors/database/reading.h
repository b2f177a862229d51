// Rows on their way into the intake: each a message under the name of its key (its origin), so
// that reading it again doubles nothing.
//
// Used by one thread, which it blocks while the intake wants no more. Errors: those of the store
// where it is away; Invalid, where the result isn't as the configuration says.
#pragma once

#include "connectors/database/fields.h"
#include "connectors/support/connector.h"
#include "connectors/support/offering.h"

namespace causeway::connectors::database {

/// What came of a slice.
struct Taken {
  std::uint64_t stored = 0;
  std::uint64_t again = 0;                  ///< Of those: were there.
  std::vector<std::uint64_t> refused_rows;  ///< By place in the slice: can't be stored.
};

class RowIntake {
 public:
  RowIntake(const SourceSettings& settings, const Database& database, BodyStaging* staging,
            const Offering::Switches& switches)
      : settings_(settings),
        address_(database.address()),
        origin_("database " + database.name() + "\nrow "),
        staging_(staging),
        switches_(switches) {}

  /// Whether the result has the columns that it is to have.
  Status check(const Rows& rows) const;
  /// Offers all, and waits until each is stored or refused.
  Result<Taken> take(Intake& intake, const Rows& rows) const;

 private:
  struct Columns {
    std::vector<std::size_t> key;
    std::optional<std::size_t> content;
  };
  Result<Columns> columns_of(const Rows& rows) const;
  Result<Draft> draft_of(const Rows& rows, const Columns& columns, const Cells& row) const;
  Status fill(Draft& draft, std::string content, ContentType type) const;
  Status fill_from_column(Draft& draft, const Rows& rows, std::size_t content,
                          const Cells& row) const;

  const SourceSettings& settings_;
  const std::string address_, origin_;
  BodyStaging* const staging_;
  const Offering::Switches& switches_;
};

}  // namespace causeway::connectors::database
