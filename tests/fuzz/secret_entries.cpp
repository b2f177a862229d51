// Any bytes as the plain form of secrets: entries, or a clear no; what was read is written back
// alike.
#include <cstdint>
#include <cstdlib>

#include "engine/store/sealing/sealed_secrets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace causeway::store;
  const auto entries = read_secret_entries({reinterpret_cast<const char*>(data), size});
  if (!entries) return 0;
  const auto again = read_secret_entries(write_secret_entries(*entries));
  if (!again || again->size() != entries->size()) std::abort();
  for (const auto& [name, entry] : *entries) {
    const auto found = again->find(name);
    if (found == again->end() || found->second.value != entry.value ||
        found->second.set_at_ms != entry.set_at_ms)
      std::abort();
  }
  return 0;
}
