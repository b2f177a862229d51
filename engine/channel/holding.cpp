#include "engine/channel/holding.h"

#include <algorithm>

#include "engine/core/limits.h"

namespace causeway::channel {

Result<std::vector<HeldLane>> Holding::lanes_of(const HoldSelection& selection) {
  if (!selection.lane_of) return std::vector<HeldLane>{{selection.queue, HeldLane::whole_queue}};
  auto message = reader_.message(*selection.lane_of);
  if (!message && message.error().kind != ErrorKind::NotFound) return message.error();
  if (!message || message->arrival.channel != selection.queue.channel)
    return Error{ErrorKind::NotFound, "", "there is no such message in this channel"};
  std::vector<HeldLane> lanes;
  for (auto key : message->arrival.order_keys) lanes.push_back({selection.queue, key});
  if (lanes.empty())
    return Error{ErrorKind::Conflict, "", "the channel keeps no order: hold the whole queue"};
  return lanes;
}

Result<std::vector<HeldLane>> Holding::hold(const HoldSelection& selection, const std::string& by,
                                            const std::string& reason, SystemTime now) {
  std::lock_guard lock(mutex_);
  auto* channel = find_(selection.queue.channel);
  if (!channel) return Error{ErrorKind::NotFound, "", "the channel does not run"};
  auto lanes = lanes_of(selection);
  if (!lanes) return lanes.error();
  auto held = holds_.all();
  if (!held) return held.error();
  if (held->size() + lanes->size() > holds_max)
    return Error{ErrorKind::Limit, "", "too many lanes are held"};
  std::vector<LaneHold> rows;
  for (const auto& lane : *lanes)
    rows.push_back({lane, selection.lane_of.value_or(MessageId{}), now, by,
                    reason.substr(0, limits::error_text_bytes)});
  if (auto put = holds_.put(rows); !put) return put.error();
  for (const auto& lane : *lanes) channel->hold(lane, true);
  return lanes;
}

Result<std::vector<HeldLane>> Holding::let_go(const HoldSelection& selection) {
  std::lock_guard lock(mutex_);
  std::vector<HeldLane> lanes;
  if (selection.all) {
    auto held = holds_.all();
    if (!held) return held.error();
    for (const auto& each : *held)
      if (each.held.queue == selection.queue) lanes.push_back(each.held);
  } else {
    auto named = lanes_of(selection);
    if (!named) return named.error();
    lanes = std::move(*named);
  }
  auto removed = holds_.remove(lanes);
  if (!removed) return removed.error();
  if (!*removed) return Error{ErrorKind::NotFound, "", "nothing of this is held by a person"};
  // A channel that isn't there reads what is held when it starts.
  if (auto* channel = find_(selection.queue.channel))
    for (const auto& lane : lanes) channel->hold(lane, false);
  return lanes;
}

}  // namespace causeway::channel
