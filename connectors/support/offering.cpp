#include "connectors/support/offering.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace causeway::connectors {
namespace {

/// The intake doesn't say when it wants more again, and a stop is only seen in looking for it.
constexpr Milliseconds look_again{5};
constexpr Milliseconds wake_after{50};

Error stopped() {
  return {ErrorKind::Stopped, "", "stopped"};
}

bool passes_by_itself(ErrorKind kind) {
  return kind != ErrorKind::Invalid && kind != ErrorKind::Limit;
}

}  // namespace

struct Offering::State {
  mutable std::mutex mutex;  // guards the rest
  std::condition_variable changed;
  std::size_t records = 0;
  std::size_t bytes = 0;
  Tally tally;
  std::optional<Error> passing;

  void answered(std::uint64_t record, std::size_t size, const Result<Receipt>& receipt) {
    std::lock_guard lock(mutex);
    --records;
    bytes -= size;
    if (receipt) {
      ++tally.stored;
      if (receipt->was_there) ++tally.again;
    } else if (passes_by_itself(receipt.error().kind)) {
      if (!passing) passing = receipt.error();
    } else {
      if (tally.refused_records.size() < refused_listed_max)
        tally.refused_records.push_back(record);
      if (tally.refused++ == 0) {
        tally.first_refused = record;
        tally.why = receipt.error().kind;
      }
    }
    changed.notify_all();
  }
};

Offering::Offering(Intake& intake, const Switches& switches)
    : intake_(intake), switches_(switches), state_(std::make_shared<State>()) {}

Status Offering::wait_for_room(std::size_t size) {
  {
    std::unique_lock lock(state_->mutex);
    const auto has_room = [&] {
      return state_->records == 0 ||
             (state_->records < offered_max && state_->bytes + size <= offered_bytes_max);
    };
    while (!state_->passing && !has_room() && !switches_.stop)
      state_->changed.wait_for(lock, wake_after);
    if (state_->passing) return *state_->passing;
  }
  while (!switches_.stop && (switches_.held || !intake_.wants_more()))
    std::this_thread::sleep_for(switches_.held ? wake_after : look_again);
  if (switches_.stop) return stopped();
  return Done{};
}

Status Offering::offer(Draft draft, std::uint64_t record) {
  const auto size = static_cast<std::size_t>(draft.readable_view().size());
  if (auto room = wait_for_room(size); !room) return room;
  {
    std::lock_guard lock(state_->mutex);
    ++state_->records;
    state_->bytes += size;
  }
  intake_.accept(std::move(draft),
                 [state = state_, record, size](Result<Receipt> receipt) {
                   state->answered(record, size, receipt);
                 },
                 {});
  return Done{};
}

Status Offering::finish() {
  std::unique_lock lock(state_->mutex);
  while (state_->records > 0 && !switches_.cut) state_->changed.wait_for(lock, wake_after);
  if (state_->passing) return *state_->passing;
  if (state_->records > 0) return stopped();
  return Done{};
}

Offering::Tally Offering::tally() const {
  std::lock_guard lock(state_->mutex);
  return state_->tally;
}

}  // namespace causeway::connectors
