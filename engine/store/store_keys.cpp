#include "engine/store/store_keys.h"

#include "engine/store/data_key_table.h"
#include "engine/store/schema.h"
#include "engine/store/sealing/key_wrapping.h"

namespace causeway::store {
namespace {

Result<KeyCount> count_keys(KeyTable& table, MasterKeys& masters) {
  auto rows = table.all();
  if (!rows) return rows.error();
  auto current = masters.current();
  if (!current) return current.error();
  KeyCount count;
  for (const auto& row : *rows) {
    if (row.wrapped.empty()) {
      ++count.destroyed;
      continue;
    }
    auto by = wrapped_by(row);
    auto master = by ? masters.find(*by) : by.error();
    auto secret = master ? unwrap_key(row, *master) : master.error();
    if (secret) {
      ++count.open;
      if (*by != current->fingerprint) ++count.old;
      continue;
    }
    if (count.closed++ == 0) count.first_closed = secret.error();
  }
  return count;
}

}  // namespace

struct StoreKeys::Parts {
  Parts(const Target& target, MasterKeys& its_masters)
      : pool(target), table(pool), masters(its_masters), keys(table, masters) {}

  ConnectionPool pool;
  DataKeyTable table;
  MasterKeys& masters;
  DataKeys keys;
};

StoreKeys::StoreKeys(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
StoreKeys::~StoreKeys() = default;

Result<std::unique_ptr<StoreKeys>> StoreKeys::open(const std::string& conninfo,
                                                   MasterKeys& masters) {
  auto parts = std::make_unique<Parts>(Target{conninfo, "causeway keys"}, masters);
  {
    auto connection = parts->pool.lend();
    if (!connection) return connection.error();
    if (auto good = check_schema(**connection); !good) return good.error();
  }
  return std::unique_ptr<StoreKeys>(new StoreKeys(std::move(parts)));
}

Result<KeyCount> StoreKeys::check() {
  return count_keys(parts_->table, parts_->masters);
}

Result<StoreKeys::Rotated> StoreKeys::rotate() {
  auto count = check();
  if (!count) return count.error();
  if (count->closed > 0) return count->first_closed;
  auto masters = parts_->masters.all();
  if (!masters) return masters.error();
  Rotated rotated;
  rotated.finished_earlier = masters->size() > 1;
  auto rewrapped = parts_->keys.rotate_master(rotated.finished_earlier ? DataKeys::Rotation::Resume
                                                                       : DataKeys::Rotation::Start);
  if (!rewrapped) return rewrapped.error();
  rotated.rewrapped = *rewrapped;
  return rotated;
}

Status check_keys(KeyTable& table, MasterKeys& masters) {
  auto count = count_keys(table, masters);
  if (!count) return count.error();
  if (count->closed == 0) return Done{};
  return Error{ErrorKind::Invalid, count->first_closed.place,
               "this store was sealed under another master key, and is left untouched: bring its "
               "file back, or use causeway key import (" +
                   count->first_closed.text + ")"};
}

}  // namespace causeway::store
