// The files of a revision as stored: whatever the bytes, unpacking says so or gives back what packs
// to the same again.
#include <cstdint>

#include "engine/core/check.h"
#include "engine/main/revision_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto files = causeway::unpack(bytes);
  if (!files) return 0;
  (void)causeway::check_files(*files);
  auto again = causeway::unpack(causeway::pack(*files));
  CHECK(again && *again == *files);
  return 0;
}
