// What a channel does when things go wrong, and when its sender is answered: plain values, read
// from the channel's config.
#pragma once

#include <chrono>
#include <string>

#include "engine/core/ids.h"
#include "engine/core/intake.h"

namespace causeway::config {

/// What happens to a lane whose head can't go on.
enum class Trouble : std::uint8_t {
  HoldLane,         ///< The lane stands still until somebody decides.
  ParkAndContinue,  ///< It is put aside, listed, and the lane goes on.
};

enum class OnAmbiguous : std::uint8_t {
  HoldLane,
  Retry,  ///< Sent again, flagged as a possible duplicate.
  ParkAndContinue,
};

struct RetryPolicy {
  Milliseconds first{1000};  ///< Doubled at each further try.
  Milliseconds max{60'000};
  int jitter_percent = 20;  ///< Up to so much is taken off, so that peers don't retry in step.
};

/// Ends the tries of a delivery; 0 stands for never.
struct GiveUpPolicy {
  int attempts = 0;
  Milliseconds age{0};  ///< Since the first failed try.
  Trouble then = Trouble::ParkAndContinue;
};

struct DestinationPolicy {
  OnAmbiguous on_ambiguous = OnAmbiguous::HoldLane;
  Trouble on_rejected = Trouble::ParkAndContinue;
  GiveUpPolicy give_up;
  RetryPolicy retry;
  int in_flight_max = 64;      ///< Deliveries armed or being tried at once.
  std::int64_t queue_max = 0;  ///< Waiting deliveries at which the source is held; 0: no limit.
  bool paused = false;
};

enum class Duplicates : std::uint8_t { Off, Mark, Suppress };

struct ReplyPolicy {
  enum class When : std::uint8_t { Stored, Done, Destination };
  When when = When::Stored;
  std::string destination;  ///< With When::Destination.
  Milliseconds timeout{30'000};
  Verdict::Code on_timeout = Verdict::Code::Error;
};

struct RetentionPolicy {
  int content_days = 30;   ///< Bodies, responses, logs: all that can hold patient data.
  int lineage_days = 365;  ///< What happened to a message, without its content.
};

}  // namespace causeway::config
