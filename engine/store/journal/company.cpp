#include "engine/store/journal/company.h"

#include <algorithm>

namespace causeway::store {
namespace {

constexpr std::size_t crowd = 3;         // fewer are served one by one
constexpr std::size_t trial_every = 64;  // transactions

}  // namespace

void Company::taken(std::size_t count) {
  if (count < crowd) {
    wanted_ = 1;
    since_trial_ = 0;
    return;
  }
  wanted_ = std::min(count, most_);
  if (++since_trial_ < trial_every) return;
  since_trial_ = 0;
  wanted_ = std::min(2 * count, most_);
}

}  // namespace causeway::store
