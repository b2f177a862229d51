// Any bytes: they are read to records or an error with a line, and what was read is written to text
// that reads the same.
#include <cstdint>
#include <cstdlib>

#include "engine/formats/delimited/delimited.h"

namespace {

using namespace causeway::delimited;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_round(std::string_view text, const Format& format) {
  auto records = read(text, format);
  if (!records) {
    require(!records.error().place.empty());
    return;
  }
  std::string again;
  for (const auto& record : *records) require(write(record.fields, format, again).ok());
  auto second = read(again, format);
  require(second && second->size() == records->size());
  for (std::size_t i = 0; i < records->size(); ++i)
    require((*second)[i].fields == (*records)[i].fields);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  check_round(text, {});
  check_round(text, {.separator = ';', .quote = '\''});
  if (auto fixed = read(text, {.widths = {3, 5}})) require(fixed->size() <= size);
  return 0;
}
