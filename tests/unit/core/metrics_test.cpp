#include <catch2/catch.hpp>

#include "engine/core/metrics.h"

using causeway::Metrics;

TEST_CASE("metrics are exposed in the Prometheus text format") {
  Metrics metrics;
  metrics.counter("causeway_received_total", "channel=\"a\"").add(3);
  metrics.gauge("causeway_open").set(-2);
  auto& histogram = metrics.histogram("causeway_ack_seconds");
  histogram.record_us(16);
  histogram.record_us(17);
  histogram.record_us(100'000'000);
  auto text = metrics.expose();
  CHECK(text.find("causeway_received_total{channel=\"a\"} 3\n") != std::string::npos);
  CHECK(text.find("causeway_open -2\n") != std::string::npos);
  CHECK(text.find("causeway_ack_seconds_bucket{le=\"0.000016\"} 1\n") != std::string::npos);
  CHECK(text.find("causeway_ack_seconds_bucket{le=\"0.000032\"} 2\n") != std::string::npos);
  CHECK(text.find("causeway_ack_seconds_bucket{le=\"+Inf\"} 3\n") != std::string::npos);
  CHECK(text.find("causeway_ack_seconds_count 3\n") != std::string::npos);
}
