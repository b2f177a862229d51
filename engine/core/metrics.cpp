#include "engine/core/metrics.h"

#include <bit>

namespace causeway {
namespace {

constexpr std::uint64_t first_bucket_us = 16;

template <class Map, class Key>
auto& find_or_make(Map& map, Key key) {
  auto& slot = map[std::move(key)];
  if (!slot) slot = std::make_unique<typename Map::mapped_type::element_type>();
  return *slot;
}

std::string with_labels(const std::string& name, const std::string& labels) {
  return labels.empty() ? name : name + "{" + labels + "}";
}

template <class Map>
void expose_values(std::string& out, const Map& map, std::string_view type) {
  std::string last;
  for (const auto& [key, value] : map) {
    if (key.first != last) out += "# TYPE " + key.first + " " + std::string(type) + "\n";
    last = key.first;
    out += with_labels(key.first, key.second) + " " + std::to_string(value->value()) + "\n";
  }
}

void expose_histogram(std::string& out, const std::string& name, const std::string& labels,
                      const Histogram& histogram) {
  auto prefix = labels.empty() ? std::string() : labels + ",";
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= Histogram::buckets; ++i) {
    total += histogram.count(i);
    auto bound = i == Histogram::buckets
                     ? std::string("+Inf")
                     : std::to_string(static_cast<double>(first_bucket_us << i) / 1e6);
    out += name + "_bucket{" + prefix + "le=\"" + bound + "\"} " + std::to_string(total) + "\n";
  }
  out += with_labels(name + "_sum", labels) + " " +
         std::to_string(static_cast<double>(histogram.sum_us()) / 1e6) + "\n";
  out += with_labels(name + "_count", labels) + " " + std::to_string(total) + "\n";
}

}  // namespace

void Histogram::record_us(std::uint64_t microseconds) {
  auto scaled = microseconds <= first_bucket_us ? 0 : (microseconds - 1) / first_bucket_us;
  auto bucket = std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(scaled)), buckets);
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_us_.fetch_add(microseconds, std::memory_order_relaxed);
}

Counter& Metrics::counter(std::string_view name, std::string_view labels) {
  std::lock_guard lock(mutex_);
  return find_or_make(counters_, Key(name, labels));
}

Gauge& Metrics::gauge(std::string_view name, std::string_view labels) {
  std::lock_guard lock(mutex_);
  return find_or_make(gauges_, Key(name, labels));
}

Histogram& Metrics::histogram(std::string_view name, std::string_view labels) {
  std::lock_guard lock(mutex_);
  return find_or_make(histograms_, Key(name, labels));
}

std::string Metrics::expose() const {
  std::lock_guard lock(mutex_);
  std::string out;
  expose_values(out, counters_, "counter");
  expose_values(out, gauges_, "gauge");
  std::string last;
  for (const auto& [key, value] : histograms_) {
    if (key.first != last) out += "# TYPE " + key.first + " histogram\n";
    last = key.first;
    expose_histogram(out, key.first, key.second, *value);
  }
  return out;
}

}  // namespace causeway
