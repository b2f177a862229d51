// Any bytes as a DICOM file: its head, and its elements to the bottom, are read without harm; they
// follow one another and stay within the bytes.
#include <cstdint>
#include <cstdlib>

#include "engine/formats/dicom/file.h"

namespace {

using namespace causeway::dicom;

constexpr int depth_max = 8;

void require(bool condition) {
  if (!condition) std::abort();
}

void walk(std::string_view bytes, Encoding encoding, std::size_t at, std::size_t to, int depth);

void walk_items(std::string_view bytes, const Element& sequence, Encoding encoding, int depth) {
  ItemReader items(bytes, sequence, encoding);
  auto at = sequence.value;
  for (;;) {
    const auto item = items.next();
    if (!item || !*item) break;
    require((*item)->begin >= at && (*item)->value + (*item)->length <= (*item)->end &&
            (*item)->end <= sequence.value + sequence.length);
    at = (*item)->end;
    walk(bytes, items.encoding(), (*item)->value, (*item)->value + (*item)->length, depth + 1);
  }
}

void walk(std::string_view bytes, Encoding encoding, std::size_t at, std::size_t to, int depth) {
  if (depth == depth_max) return;
  ElementReader reader(bytes, encoding, at, to);
  for (;;) {
    const auto element = reader.next();
    if (!element || !*element) break;
    require((*element)->begin == at && (*element)->value > at &&
            (*element)->value + (*element)->length <= (*element)->end &&
            (*element)->end <= bytes.size());
    at = (*element)->end;
    if (holds_items(**element)) walk_items(bytes, **element, encoding, depth);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto head = read_file_head(bytes)) {
    require(head->data_set_begin <= size);
    if (is_uid(head->sop_class) && is_uid(head->sop_instance)) {
      const auto again = read_file_head(make_file_head(*head));
      require(again.ok() && again->sop_instance == head->sop_instance &&
              again->transfer_syntax == head->transfer_syntax);
    }
    walk(bytes, encoding_of(head->transfer_syntax), head->data_set_begin, size, 0);
  }
  for (const auto& encoding : {Encoding{}, Encoding{.explicit_vr = false},
                               Encoding{.explicit_vr = true, .big_endian = true}})
    walk(bytes, encoding, 0, size, 0);
  return 0;
}
