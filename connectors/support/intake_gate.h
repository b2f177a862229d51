// Whether a source may offer its intake something, and when to look again: the intake wants no more
// for now, or the source is paused.
//
// Loop's thread alone, but for `pause` and `is_paused`.
#pragma once

#include <atomic>

#include "connectors/support/event_loop.h"
#include "engine/core/intake.h"

namespace causeway::connectors {

class IntakeGate {
 public:
  using OnRoom = std::function<void()>;

  /// `on_room`: it may have opened.
  IntakeGate(EventLoop& loop, OnRoom on_room) : loop_(loop), on_room_(std::move(on_room)) {}
  IntakeGate(const IntakeGate&) = delete;

  void open(Intake& intake) { intake_ = &intake; }
  void close();                               ///< Before the end.
  Intake* intake() const { return intake_; }  ///< nullptr: closed.

  /// A pause is noticed with the next message, its end within 50 ms.
  void pause(bool paused) { paused_ = paused; }
  bool is_paused() const { return paused_; }

  bool lets_through() {
    if (intake_ && !paused_ && intake_->wants_more()) return true;
    look_again();
    return false;
  }

 private:
  void look_again();

  EventLoop& loop_;
  const OnRoom on_room_;
  Intake* intake_ = nullptr;
  EventLoop::TimerId timer_ = 0;
  std::atomic<bool> paused_{false};
};

}  // namespace causeway::connectors
