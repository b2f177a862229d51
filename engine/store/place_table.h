// The Places on PostgreSQL: the table source_place. Places are sealed: what a row is known by may
// be a patient's number. Thread-safe.
#pragma once

#include "engine/core/clock.h"
#include "engine/core/places.h"
#include "engine/core/store.h"
#include "engine/store/postgres/connection_pool.h"
#include "engine/store/sealing/sealer.h"

namespace causeway::store {

class PlaceTable final : public Places {
 public:
  PlaceTable(ConnectionPool& pool, Sealer& sealer, const KeyedHash& hash, const Clock& clock)
      : pool_(pool), sealer_(sealer), hash_(hash), clock_(clock) {}

  Result<std::optional<std::string>> place(const PlaceName& name) override;
  Status keep(const PlaceName& name, std::string_view place) override;

 private:
  ConnectionPool& pool_;
  Sealer& sealer_;
  const KeyedHash& hash_;
  const Clock& clock_;
};

}  // namespace causeway::store
