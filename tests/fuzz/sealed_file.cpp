// Sealed files: any bytes either fail or were sealed under the passphrase, and no more comes out
// than went in. The input is put in place of some of a good file, so that it gets past the head.
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/store/sealing/sealed_file.h"

using namespace causeway;         // NOLINT
using namespace causeway::store;  // NOLINT

namespace {

constexpr const char* passphrase = "a passphrase for the fuzzer";
constexpr std::string_view plain = "one, two, three";

const std::string& good_file() {
  static const std::string file = [] {
    std::string made;
    auto sealer = FileSealer::begin(passphrase, [&](std::string_view bytes) {
      made += bytes;
      return true;
    });
    if (!sealer || !sealer->add(plain) || !sealer->finish()) std::abort();
    return made;
  }();
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string file = good_file();
  const auto at = data[0] % file.size();
  file.replace(at, size - 1, reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string opened;
  FileOpener opener(passphrase, [&](std::string_view bytes) -> Status {
    opened += bytes;
    return Done{};
  });
  const bool whole = opener.add(file) && opener.finish();
  if (whole && file != good_file()) std::abort();
  if (!opened.empty() && opened != plain) std::abort();
  return 0;
}
