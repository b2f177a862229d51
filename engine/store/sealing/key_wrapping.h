// How a data key lies in the KeyTable: encrypted by a master key, and tied to its row.
//
// Wrapped bytes: version (1) | fingerprint of the master key (4) | nonce (12, random) |
// ciphertext (32) | tag (16). Authenticated with them: key id, retention class and day. Pure.
#pragma once

#include "engine/store/sealing/key_table.h"
#include "engine/store/sealing/master_keys.h"

namespace causeway::store {

/// The wrapped bytes for a row; `row.wrapped` is not looked at.
std::string wrap_key(const KeyRow& row, const MasterKey& master, const Secret& secret);

/// Which master key wrapped this row. Damaged: these are no wrapped bytes.
Result<Fingerprint> wrapped_by(const KeyRow& row);

/// Damaged: altered, or moved from another row. `master` is the one that `wrapped_by` names.
Result<Secret> unwrap_key(const KeyRow& row, const MasterKey& master);

}  // namespace causeway::store
