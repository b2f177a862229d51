// Places of sources: kept over restarts and retention, and nothing of them in the clear.
#include <catch2/catch.hpp>

#include "engine/store/retention.h"
#include "tests/integration/store/store_bench.h"

namespace causeway::testing {
namespace {

TEST_CASE("places are kept, replaced, and apart from one another", "[places]") {
  Database database;
  const PlaceName orders{"lab/orders", "orders by id"}, other{"lab/orders", "results by id"},
      elsewhere{"ward/orders", "orders by id"};
  {
    auto store = database.open();
    CHECK_FALSE(must(store->places().place(orders)));
    REQUIRE(store->places().keep(orders, "PAT1234567").ok());
    REQUIRE(store->places().keep(orders, "PAT1234568").ok());
    REQUIRE(store->places().keep(other, "").ok());
    CHECK(
        store->places().keep(orders, std::string(Places::place_bytes_max + 1, 'x')).error().kind ==
        ErrorKind::Limit);
    store->stop(Milliseconds(0));
  }
  // A source that has rested for years goes on where it was.
  database.clock.moved_days = 2000;
  auto store = database.open();
  REQUIRE(store->retention().run(database.clock.today()).ok());
  CHECK(must(store->places().place(orders)) == "PAT1234568");
  CHECK(must(store->places().place(other)) == "");
  CHECK_FALSE(must(store->places().place(elsewhere)));
  CHECK(database.sql("SELECT count(*) FROM source_place"
                     " WHERE position('PAT'::bytea IN place) > 0") == "0");
}

}  // namespace
}  // namespace causeway::testing
