#include "engine/main/api_services.h"

namespace causeway {

ApiServices::ApiServices(Parts parts)
    : parts_(std::move(parts)),
      names_(parts_.store.registry()),
      services_{parts_.clock,
                parts_.log,
                parts_.metrics,
                events_,
                {names_, parts_.store.search(), parts_.store.messages(), parts_.store.queues(),
                 parts_.store.work(),
                 [&staging = parts_.store.staging()](BodyId body, std::uint64_t offset,
                                                     std::size_t bytes) {
                   return staging.read(body, offset, bytes);
                 }},
                [this] { return components(); },
                parts_.before_metrics} {}

std::vector<api::Component> ApiServices::components() {
  const auto begun = parts_.clock.steady();
  const auto asked = parts_.store.work().low_waters();
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(parts_.clock.steady() - begun);
  const bool leased = parts_.store.journal().holds_lease();
  const auto trouble = parts_.channels_trouble();
  return {{"store", asked.ok(), asked.ok() ? "" : "the database doesn't answer", took},
          {"lease", leased, leased ? "" : "another engine may own this node's work", {}},
          {"channels", trouble.empty(), trouble, {}}};
}

}  // namespace causeway
