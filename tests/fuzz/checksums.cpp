// Lists of digests in a backup: any bytes either fail or give names within the backup.
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "engine/store/backup/checksums.h"

using namespace causeway::store;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto sums = parse_checksums({reinterpret_cast<const char*>(data), size});
  if (!sums) return 0;
  if (sums->empty()) std::abort();
  for (const auto& [name, digest] : *sums) {
    const auto place = (std::filesystem::path("/backup") / name).lexically_normal().string();
    if (digest.size() != 64 || !place.starts_with("/backup")) std::abort();
  }
  return 0;
}
