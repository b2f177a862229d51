#include "engine/core/transformation.h"

#include "engine/core/crash_note.h"

namespace causeway {

RunResult execute(Transformation& transformation, const RunRequest& request) {
  const WorkInHand in_hand({request.message->id, request.run, {}});
  LaneView state(request.states, request.message->arrival.order_keys);
  auto result = transformation.run({*request.message, request.run, request.cause, &state});
  auto reads = state.take_reads();
  result.inputs.insert(result.inputs.end(), std::make_move_iterator(reads.begin()),
                       std::make_move_iterator(reads.end()));
  result.again = result.again || state.unavailable();
  return result;
}

}  // namespace causeway
