#include "engine/store/sealing/data_keys.h"

#include "engine/store/sealing/aes_gcm.h"
#include "engine/store/sealing/big_endian.h"
#include "engine/store/sealing/key_wrapping.h"

namespace causeway::store {
namespace {

constexpr RetentionClass installation{-1};
constexpr Day no_day{};
// 2^31 ids and some thousand keys: a second collision in a row hardly happens, a third never.
constexpr int id_tries = 8;

KeyId random_key_id() {
  KeyId id;
  while (!id) id.value = static_cast<std::int32_t>(read_big_endian(random_bytes(4)) & 0x7FFFFFFF);
  return id;
}

Error destroyed(KeyId id) {
  return {ErrorKind::Damaged, "data key " + std::to_string(id.value),
          "has been destroyed: what it sealed is gone for good"};
}

}  // namespace

Result<std::shared_ptr<const DataKey>> DataKeys::for_sealing(RetentionClass retention, Day day) {
  {
    std::lock_guard guard(mutex_);
    auto found = by_slot_.find({retention.value, day.time_since_epoch().count()});
    if (found != by_slot_.end()) return found->second;
  }
  auto row = find_or_make(retention, day);
  if (!row) return row.error();
  return unwrap_and_cache(*row);
}

Result<std::shared_ptr<const DataKey>> DataKeys::for_opening(KeyId id) {
  {
    std::lock_guard guard(mutex_);
    if (auto found = by_id_.find(id); found != by_id_.end()) return found->second;
  }
  auto row = table_.find_by_id(id);
  if (!row) return row.error();
  if (!*row)
    return Error{ErrorKind::Damaged, "data key " + std::to_string(id.value), "is not known here"};
  return unwrap_and_cache(**row);
}

Result<std::shared_ptr<const DataKey>> DataKeys::installation_key() {
  return for_sealing(installation, no_day);
}

Result<KeyRow> DataKeys::find_or_make(RetentionClass retention, Day day) {
  auto found = table_.find(retention, day);
  if (!found) return found.error();
  if (*found) return **found;
  auto lock = masters_.lock(MasterKeys::Use::Wrap);
  if (!lock) return lock.error();
  auto master = masters_.current();
  if (!master) return master.error();
  for (int tries = 1;; ++tries) {
    KeyRow row{random_key_id(), retention, day, {}};
    row.wrapped = wrap_key(row, *master, Secret::random());
    auto stands = table_.insert(row);
    if (stands || stands.error().kind != ErrorKind::Conflict || tries == id_tries) return stands;
  }
}

Result<std::shared_ptr<const DataKey>> DataKeys::unwrap_and_cache(const KeyRow& row) {
  if (row.wrapped.empty()) return destroyed(row.id);
  auto fingerprint = wrapped_by(row);
  if (!fingerprint) return fingerprint.error();
  auto master = masters_.find(*fingerprint);
  if (!master) return master.error();
  auto secret = unwrap_key(row, *master);
  if (!secret) return secret.error();
  auto key = std::make_shared<const DataKey>(DataKey{row.id, *secret});
  std::lock_guard guard(mutex_);
  if (by_id_.size() >= cached_max) {
    by_id_.clear();
    by_slot_.clear();
  }
  by_id_[row.id] = key;
  by_slot_[{row.retention.value, row.day.time_since_epoch().count()}] = key;
  return key;
}

Status DataKeys::destroy(RetentionClass retention, Day day) {
  if (retention.value < 0)
    return Error{ErrorKind::Invalid, "", "the installation's own keys are never destroyed"};
  auto row = table_.find(retention, day);
  if (!row) return row.error();
  if (!*row) return Done{};
  const KeyId id = (*row)->id;
  if (auto done = table_.destroy(id); !done) return done;
  std::lock_guard guard(mutex_);
  by_id_.erase(id);
  by_slot_.erase({retention.value, day.time_since_epoch().count()});
  return Done{};
}

Result<std::size_t> DataKeys::rotate_master(Rotation rotation) {
  auto lock = masters_.lock(MasterKeys::Use::Rotate);
  if (!lock) return lock.error();
  auto master = rotation == Rotation::Start ? masters_.add() : masters_.current();
  if (!master) return master.error();
  auto rows = table_.all();
  if (!rows) return rows.error();
  std::size_t rewrapped = 0;
  for (const auto& row : *rows) {
    if (row.wrapped.empty()) continue;
    auto changed = rewrap(row, *master);
    if (!changed) return changed.error();
    rewrapped += *changed ? 1 : 0;
  }
  if (auto removed = masters_.remove_old(); !removed) return removed.error();
  return rewrapped;
}

Result<bool> DataKeys::rewrap(const KeyRow& row, const MasterKey& master) {
  auto fingerprint = wrapped_by(row);
  if (!fingerprint) return fingerprint.error();
  if (*fingerprint == master.fingerprint) return false;
  auto old = masters_.find(*fingerprint);
  if (!old) return old.error();
  auto secret = unwrap_key(row, *old);
  if (!secret) return secret.error();
  auto replaced = table_.replace_wrapped(row.id, row.wrapped, wrap_key(row, master, *secret));
  // Conflict: destroyed meanwhile; rewrapped by another it can't be, as we hold the lock.
  if (!replaced && replaced.error().kind != ErrorKind::Conflict) return replaced.error();
  return replaced.ok();
}

}  // namespace causeway::store
