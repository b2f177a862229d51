// Files of escrowed master keys: any bytes either fail or give keys within the limits.
#include <cstdlib>
#include <string_view>

#include "engine/store/sealing/key_escrow.h"

using namespace causeway::store;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto escrow = parse_escrow({reinterpret_cast<const char*>(data), size});
  if (!escrow) return 0;
  if (escrow->keys.empty() || escrow->keys.size() > escrow_keys_max) std::abort();
  for (const auto& key : escrow->keys)
    if (key.number < 1 || key.nonce.size() != 12 || key.sealed.size() != 48) std::abort();
  return 0;
}
