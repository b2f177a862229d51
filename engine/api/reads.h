// What of the store the resources about messages and queues read: of the engine's store, or of one
// opened beside it or without it, so that a command gives the same answer either way. References;
// what they name outlives them. Thread-safe as its parts are.
#pragma once

#include "engine/api/names.h"
#include "engine/core/lane_hold.h"
#include "engine/core/store.h"
#include "engine/store/queries/message_search.h"
#include "engine/store/queries/message_view.h"
#include "engine/store/queries/queue_views.h"

namespace causeway::api {

struct Reads {
  Names& names;
  store::MessageSearch& search;
  store::MessageViews& messages;
  store::QueueViews& queues;
  WorkReader& work;
  LaneHolds& holds;
  /// As BodyStaging::read.
  std::function<Result<std::string>(BodyId, std::uint64_t offset, std::size_t bytes)> read_body;
};

}  // namespace causeway::api
