// What the admin API works with, of an engine: its store's readers, events, and how its parts are.
// Its parts outlive it. Thread-safe as they are.
#pragma once

#include <functional>

#include "engine/api/services.h"
#include "engine/store/store.h"

namespace causeway {

class ApiServices {
 public:
  struct Parts {
    const Clock& clock;
    Log& log;
    Metrics& metrics;
    store::PostgresStore& store;
    std::function<void()> before_metrics;
    std::function<std::string()> channels_trouble;  ///< Empty: all run.
  };
  explicit ApiServices(Parts parts);

  const api::Services& services() const { return services_; }
  api::Events& events() { return events_; }

 private:
  std::vector<api::Component> components();

  Parts parts_;
  api::Names names_;
  api::Events events_;
  api::Services services_;
};

}  // namespace causeway
