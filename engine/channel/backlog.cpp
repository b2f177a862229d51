#include "engine/channel/backlog.h"

#include <algorithm>

#include "engine/core/limits.h"

namespace causeway::channel {
namespace {

auto find_work(std::deque<OpenDelivery>& list, WorkRef work) {
  return std::find_if(list.begin(), list.end(), [&](const auto& row) { return row.work == work; });
}

}  // namespace

void Backlog::overflow(MessageId horizon) {
  overflows_ = true;
  read_to_ = std::max(read_to_, horizon);
  forgotten_to_ = read_to_;
}

void Backlog::recover(MessageId low_water, MessageId last) {
  overflows_ = true;
  read_to_ = low_water;
  forgotten_to_ = std::max(low_water, last);
}

void Backlog::planned(OpenDelivery work) {
  pending_.push_back(std::move(work));
}

std::optional<OpenDelivery> Backlog::committed(WorkRef work, MessageId horizon) {
  auto at = find_work(pending_, work);
  if (at == pending_.end()) return std::nullopt;
  auto row = std::move(*at);
  pending_.erase(at);
  if (!overflows_ || work.message <= read_to_) return row;
  beyond_.push_back(std::move(row));
  forget_readable(horizon);
  return std::nullopt;
}

void Backlog::forget_readable(MessageId horizon) {
  // While a page is being read its end is the horizon of that time; what is above stays until the
  // next page is known to bring it.
  auto readable = [&](const OpenDelivery& row) { return row.work.message <= horizon; };
  auto gone = std::remove_if(beyond_.begin(), beyond_.end(), readable);
  if (gone == beyond_.end()) return;
  beyond_.erase(gone, beyond_.end());
  forgotten_to_ = std::max(forgotten_to_, horizon);
}

void Backlog::refused(WorkRef work) {
  auto at = find_work(pending_, work);
  if (at != pending_.end()) pending_.erase(at);
}

void Backlog::finished(WorkRef work) {
  if (reading_) finished_while_reading_.insert(work);
}

std::optional<Page> Backlog::next_page(MessageId horizon) {
  if (!overflows_ || reading_) return std::nullopt;
  reading_ = true;
  finished_while_reading_.clear();
  page_horizon_ = horizon;
  return Page{read_to_, std::max(horizon, forgotten_to_), limits::queue_page};
}

Backlog::Loaded Backlog::loaded(const Page& page, std::vector<OpenDelivery> rows,
                                MessageId horizon) {
  reading_ = false;
  Loaded result;
  auto full = rows.size() >= page.rows;
  read_to_ = full ? rows.back().work.message : std::max(page.upto, read_to_);
  for (auto& row : rows)
    if (!finished_while_reading_.contains(row.work)) result.committed.push_back(std::move(row));
  finished_while_reading_.clear();
  // The page has what was committed up to the horizon of its time; what came later it may have
  // missed.
  std::erase_if(beyond_, [&](const auto& row) {
    return row.work.message <= std::min(page_horizon_, read_to_);
  });
  auto missed = std::stable_partition(beyond_.begin(), beyond_.end(),
                                      [&](const auto& row) { return row.work.message > read_to_; });
  std::move(missed, beyond_.end(), std::back_inserter(result.committed));
  beyond_.erase(missed, beyond_.end());
  if (full || forgotten_to_ > read_to_) return result;
  overflows_ = false;
  forgotten_to_ = std::max(read_to_, horizon);
  std::move(beyond_.begin(), beyond_.end(), std::back_inserter(result.committed));
  beyond_.clear();
  std::move(pending_.begin(), pending_.end(), std::back_inserter(result.pending));
  pending_.clear();
  return result;
}

}  // namespace causeway::channel
