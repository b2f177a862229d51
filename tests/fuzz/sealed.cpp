// Whatever bytes stand in a sealed column: `open` gives back an Error and never crashes; and the
// expansion beneath it, which sees only authentic bytes in life, holds against others too.
#include <cstdlib>

#include "engine/store/sealing/aes_gcm_sealer.h"
#include "engine/store/sealing/compression.h"
#include "tests/support/memory_key_table.h"
#include "tests/support/temporary_folder.h"

namespace {
using namespace causeway;
using namespace causeway::store;

constexpr std::size_t expanded_max = 1 << 20;

struct Parts {
  testing::TemporaryFolder folder;
  testing::MemoryKeyTable table;
  std::unique_ptr<MasterKeys> masters = *MasterKeys::open(folder.path() / "keys");
  DataKeys keys{table, *masters};
  std::unique_ptr<AesGcmSealer> sealer = *AesGcmSealer::make(keys, NodeId{1}, Epoch{1});
  std::string known_key = *sealer->seal({}, RetentionClass{0}, "x");
  Compression compression;
};

void must(bool holds) {
  if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Parts parts;
  std::string input(reinterpret_cast<const char*>(data), size);
  must(!parts.sealer->open({}, input).ok());
  // The same with a key that exists, so that it gets as far as decryption.
  if (input.size() >= 6) input.replace(0, 6, parts.known_key.substr(0, 6));
  must(!parts.sealer->open({}, input, "dictionary").ok());
  auto expanded = parts.compression.expand(input, "", expanded_max);
  must(!expanded.ok() || expanded->size() <= expanded_max);
  auto sealed = parts.sealer->seal({}, RetentionClass{0}, input);
  must(*parts.sealer->open({}, *sealed) == input);
  return 0;
}
