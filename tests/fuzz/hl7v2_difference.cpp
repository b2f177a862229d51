// Any bytes, as two messages (before and after the first FF): leaves stand where their paths say, a
// message doesn't differ from itself, nor from itself in other delimiters but for those.
#include <cstdint>
#include <cstdlib>

#include "engine/formats/hl7v2/difference.h"
#include "engine/formats/hl7v2/grammar/message_structure.h"
#include "engine/formats/hl7v2/grammar/segment_words.h"
#include "engine/formats/hl7v2/leaves.h"
#include "engine/formats/hl7v2/rewrite.h"

namespace {

using namespace causeway::hl7v2;

constexpr std::size_t input_max = 4096;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_leaves(const Message& message) {
  const auto& grammar = *read_structure(message).grammar;
  for (std::size_t i = 0; i < message.segment_count(); ++i) {
    const SegmentWords words(grammar, message, i);
    for (const auto& leaf : leaves_of(message, i)) {
      const auto path = path_of(leaf, message.segment_name(i), 1);
      require(message.raw_in(i, path) == leaf.raw);
      (void)words.name_of(path);
      (void)decoded(leaf, message.delimiters());
    }
  }
}

void check_groups(const Message& message) {
  for (const auto& group : message.groups()) {
    require(group.range.end <= message.segment_count());
    require(group.range.begin < group.range.end || message.segment_count() == 0);
  }
  for (const auto* path : {"ORDER_OBSERVATION[*]/OBX[*]-5[*]", "PATIENT/PID-3[*]"})
    for (const auto& match : message.matches(*parse_path(path)))
      require(message.raw(match.path) == match.raw);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > input_max) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto cut = std::min(bytes.find('\xFF'), bytes.size());
  auto before = Message::parse(causeway::make_bytes(std::string(bytes.substr(0, cut))));
  if (!before) return 0;
  before->use_groups(structure_groups());
  check_leaves(*before);
  check_groups(*before);
  require(differences(*before, *before, {}).empty());
  auto after = Message::parse(
      causeway::make_bytes(std::string(bytes.substr(std::min(cut + 1, bytes.size())))));
  if (after) (void)differences(*before, *after, {{*parse_path("OBX-5")}, false, {}, {}});
  for (const auto* text : {"|^~\\&", "$#*@!"}) {
    auto other = rewrite(*before, {*read_delimiters_text(text), "\n"});
    if (!other) continue;
    auto again = Message::parse(causeway::make_bytes(std::move(*other)));
    require(again.ok() && again->segment_count() == before->segment_count());
  }
  return 0;
}
