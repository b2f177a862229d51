// Any bytes as a batch: cut anywhere it gives the same items, loses no byte of a message, and holds
// no more than one.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/formats/hl7v2/batch.h"

namespace {

using namespace causeway::hl7v2;

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr std::size_t message_bytes_max = 4096;

struct Read {
  std::vector<std::string> items;
  std::size_t bytes = 0;
  bool good = true;
  bool operator==(const Read&) const = default;
};

Read read(std::string_view input, std::size_t piece) {
  Read found;
  BatchReader reader(message_bytes_max);
  std::uint64_t position = 0;
  const auto on_item = [&](const BatchItem& item) -> causeway::Status {
    if (item.kind == BatchItem::Kind::Message) require(item.position == ++position);
    require(item.text.size() <= message_bytes_max);
    found.bytes += item.text.size();
    found.items.push_back(std::string(to_string(item.kind)) + std::string(to_string(item.problem)) +
                          std::string(item.text));
    return causeway::Done{};
  };
  while (!input.empty() && found.good) {
    found.good = reader.push(input.substr(0, piece), on_item).ok();
    input.remove_prefix(std::min(piece, input.size()));
  }
  if (found.good) found.good = reader.finish(on_item).ok();
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto whole = read(input, size + 1);
  require(whole.bytes <= size);
  const auto pieces = read(input, 1 + size % 13);
  if (whole.good && pieces.good) require(whole == pieces);
  std::vector<std::string> acknowledgements;
  for (const auto& item : whole.items) acknowledgements.push_back(item.substr(0, 40));
  (void)acknowledge_batch(input, acknowledgements, input.substr(size - size / 4), "2026");
  BatchAssembler assembler({});
  assembler.add(input, {});
  require(assembler.take("1", "2026").size() >= size);
  return 0;
}
