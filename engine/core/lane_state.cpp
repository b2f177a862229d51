#include "engine/core/lane_state.h"

#include "engine/core/limits.h"

namespace causeway {
namespace {

Error no_order() {
  return {ErrorKind::Invalid, "",
          "state belongs to a lane, and this channel keeps no order (\"order_by\": \"none\")"};
}

Error too_much(const char* what, std::size_t allowed) {
  return {ErrorKind::Limit, "",
          std::string(what) + ": " + std::to_string(allowed) + " are allowed"};
}

}  // namespace

Result<std::optional<std::string>> LaneView::read(std::string_view name) {
  if (!states_ || keys_.empty()) return no_order();
  if (auto known = reads_.find(name); known != reads_.end()) return known->second;
  if (name.size() > limits::state_name_bytes)
    return too_much("bytes of a state's name", limits::state_name_bytes);
  if (reads_.size() >= limits::inputs_max)
    return too_much("states that a run reads", limits::inputs_max);
  auto value = states_->read(keys_.front(), name);
  if (!value) {
    unavailable_ = unavailable_ || value.error().kind == ErrorKind::Unavailable;
    return value;
  }
  bytes_ += name.size() + (*value ? (*value)->size() : 0);
  if (bytes_ > limits::inputs_bytes)
    return too_much("bytes of state that a run reads", limits::inputs_bytes);
  reads_.emplace(name, *value);
  return value;
}

std::vector<RecordedInput> LaneView::take_reads() {
  std::vector<RecordedInput> inputs;
  for (auto& [name, value] : reads_)
    inputs.push_back({"", name, value ? make_bytes(std::move(*value)) : nullptr});
  reads_.clear();
  return inputs;
}

Status check_inputs(const std::vector<RecordedInput>& inputs) {
  // Of state beside what stages asked for: each is bounded by itself.
  if (inputs.size() > 2 * limits::inputs_max)
    return too_much("inputs of a run", 2 * limits::inputs_max);
  std::size_t bytes = 0;
  for (const auto& input : inputs)
    bytes += input.stage.size() + input.name.size() + (input.bytes ? input.bytes->size() : 0);
  if (bytes > 2 * limits::inputs_bytes)
    return too_much("bytes of a run's inputs", 2 * limits::inputs_bytes);
  return Done{};
}

Status check_changes(const std::vector<StateChange>& changes, const OrderKeys& keys) {
  if (changes.empty()) return Done{};
  if (keys.empty()) return no_order();
  if (changes.size() > limits::state_changes_max)
    return too_much("states that a run changes", limits::state_changes_max);
  for (const auto& change : changes) {
    if (change.name.size() > limits::state_name_bytes)
      return too_much("bytes of a state's name", limits::state_name_bytes);
    if (change.value.size() > limits::state_value_bytes)
      return too_much("bytes of a state's value", limits::state_value_bytes);
  }
  return Done{};
}

}  // namespace causeway
