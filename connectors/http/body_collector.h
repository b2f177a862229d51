// The body of one request as it comes in: unpacked if it is packed, held in memory up to a bound,
// and past it handed to the store's staging chunk by chunk, so that a body of any size takes a few
// MiB.
//
// Loop's thread alone; staging runs on the background thread that is given, which outlives it, or
// has been stopped before.
#pragma once

#include <functional>
#include <optional>

#include "connectors/http/gzip.h"
#include "connectors/support/background.h"
#include "connectors/support/event_loop.h"
#include "engine/core/store.h"

namespace causeway::connectors::http {

/// A body held whole in memory while it comes in; a larger one is staged meanwhile.
inline constexpr std::size_t body_in_memory_max = 16 * 1024 * 1024;

class BodyCollector {
 public:
  struct Rules {
    std::uint64_t bytes_max = 0;  ///< Unpacked.
    bool packed = false;          ///< By gzip.
    bool in_memory = false;       ///< Whole, and so at most body_in_memory_max.
  };
  struct Places {
    EventLoop& loop;
    Background& background;
    BodyStaging* staging = nullptr;  ///< nullptr: all in memory.
  };
  struct Collected {
    Body body;
    Bytes at_hand;  ///< As in Draft.
  };
  using OnReady = std::function<void()>;
  using OnCollected = std::function<void(Result<Collected>)>;

  /// `on_ready` is told when it is no longer busy.
  BodyCollector(Rules rules, Places places, OnReady on_ready);
  ~BodyCollector();

  /// Only while it isn't busy; what can't be taken at once is kept. Limit: too long. Invalid:
  /// malformed packing. Unavailable: the staging.
  Status add(std::string_view piece);
  /// True: the peer has to wait.
  bool is_busy() const;
  /// Why it failed while it was busy.
  const std::optional<Error>& failure() const { return failure_; }
  /// The last piece has come: the body, later on the loop or at once. Not while busy.
  void finish(OnCollected on_collected);
  std::size_t held_bytes() const { return content_.capacity() + waiting_.capacity(); }

 private:
  struct Staging;

  Status take_waiting();
  Status check_size();
  void stage_content();
  void staged(std::optional<Error> error);
  void finish_staged();
  void finish_in_memory();
  void hand_over(Result<Collected> collected);

  const Rules rules_;
  const Places places_;
  OnReady on_ready_;
  OnCollected on_collected_;
  std::optional<Inflater> inflater_;
  std::string content_;  // unpacked, and not staged
  std::string waiting_;  // not unpacked yet
  std::uint64_t total_ = 0;
  std::optional<Error> failure_;
  bool busy_ = false;
  std::shared_ptr<Staging> staging_;  // nullptr: in memory so far
};

}  // namespace causeway::connectors::http
