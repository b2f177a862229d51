// What is read back from sealed columns: any bytes either fail or give values that pack the same.
#include <cstdlib>
#include <string_view>

#include "engine/store/journal/records.h"

using namespace causeway;         // NOLINT
using namespace causeway::store;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);

  Arrival arrival;
  if (unpack_message(bytes, arrival)) {
    Arrival again;
    const auto packed = pack_message(arrival);
    if (!unpack_message(packed, again)) std::abort();
    if (again.draft.body.view() != arrival.draft.body.view()) std::abort();
    if (again.draft.links.size() != arrival.draft.links.size()) std::abort();
    auto body = packed_body(packed);
    if (!body || *body != arrival.draft.body.view()) std::abort();
  }
  if (auto steps = unpack_steps(bytes))
    if (auto again = unpack_steps(pack_steps(steps->steps, steps->inputs));
        !again || again->steps.size() != steps->steps.size() ||
        again->inputs.size() != steps->inputs.size())
      std::abort();
  if (auto state = unpack_state(bytes); state && pack_state(*state).size() > size) std::abort();
  if (auto outputs = unpack_outputs(bytes); outputs && outputs->size() > size) std::abort();
  if (auto attributes = unpack_attributes(bytes); attributes && (*attributes)->size() > size)
    std::abort();
  if (auto deliveries = unpack_deliveries(bytes))
    for (const auto& delivery : *deliveries)
      if (delivery.order_keys.size() > size) std::abort();
  AttemptRecord attempt;
  if (unpack_attempt(bytes, attempt) && attempt.response.size() > size) std::abort();
  return 0;
}
