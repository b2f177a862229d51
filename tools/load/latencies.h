// Every latency of a run, kept one by one: percentiles are exact.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace load {

class Latencies {
 public:
  void add(std::int64_t ns) {
    constexpr std::int64_t most = UINT32_MAX;
    tenths_of_us_.push_back(
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(ns / 100, 0, most)));
  }

  /// The smallest latency that `share` (0 … 1) of all do not exceed, in ms; 0 if there is none.
  double percentile_ms(double share) {
    if (tenths_of_us_.empty()) return 0;
    auto last = tenths_of_us_.size() - 1;
    auto rank = static_cast<std::size_t>(share * static_cast<double>(tenths_of_us_.size()));
    auto nth = tenths_of_us_.begin() + static_cast<std::ptrdiff_t>(std::min(rank, last));
    std::nth_element(tenths_of_us_.begin(), nth, tenths_of_us_.end());
    return static_cast<double>(*nth) / 10'000.0;
  }

  std::size_t count() const { return tenths_of_us_.size(); }

 private:
  std::vector<std::uint32_t> tenths_of_us_;
};

}  // namespace load
