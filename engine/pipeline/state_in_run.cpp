#include "engine/pipeline/state_in_run.h"

#include "engine/core/limits.h"

namespace causeway::pipeline {
namespace {

auto find_change(std::vector<StateChange>& changes, std::string_view name) {
  return std::find_if(changes.begin(), changes.end(),
                      [&](const auto& change) { return change.name == name; });
}

}  // namespace

Result<std::optional<std::string>> StateInRun::read(std::string_view name) {
  auto changed = find_change(changes_, name);
  if (changed != changes_.end()) return std::optional(changed->value);
  return lane_->read(name);
}

Status StateInRun::keep(std::vector<StateChange> changes) {
  for (auto& change : changes) {
    auto before = find_change(changes_, change.name);
    if (before != changes_.end())
      before->value = std::move(change.value);
    else
      changes_.push_back(std::move(change));
  }
  if (changes_.size() <= limits::state_changes_max) return Done{};
  return Error{ErrorKind::Limit, "",
               "the stages change more than " + std::to_string(limits::state_changes_max) +
                   " names of state"};
}

}  // namespace causeway::pipeline
