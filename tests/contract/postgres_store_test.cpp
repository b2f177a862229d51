// The store on PostgreSQL keeps the store's contract.
#include <catch2/catch.hpp>

#include "engine/store/store.h"
#include "tests/contract/store_contract.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_database.h"

namespace causeway::testing {
namespace {

class OpenPostgres final : public OpenStore {
 public:
  explicit OpenPostgres(std::unique_ptr<store::PostgresStore> store) : store_(std::move(store)) {}
  Journal& journal() override { return store_->journal(); }
  WorkReader& work() override { return store_->work(); }
  BodyStaging& staging() override { return store_->staging(); }
  void progress() override { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

 private:
  std::unique_ptr<store::PostgresStore> store_;
};

class PostgresBench final : public StoreBench {
 public:
  PostgresBench() : masters_(must(store::MasterKeys::open(folder_.path() / "keys"))) {}

  std::unique_ptr<OpenStore> open() override {
    store::StoreOptions options;
    options.conninfo = database_.url();
    options.holder = "the contract";
    return std::make_unique<OpenPostgres>(
        must(store::PostgresStore::open(options, *masters_, clock_, log_)));
  }

 private:
  TestDatabase database_;
  TemporaryFolder folder_;
  MachineClock clock_;
  NoLog log_;
  std::unique_ptr<store::MasterKeys> masters_;
};

TEST_CASE("the PostgreSQL store keeps the store's contract") {
  check_store_contract([] { return std::make_unique<PostgresBench>(); });
}

}  // namespace
}  // namespace causeway::testing
