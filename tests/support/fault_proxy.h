// A TCP proxy on loopback that misbehaves as told: delays, slices, holds back, cuts. One thread;
// the setters are thread-safe and hold for all connections from then on.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace causeway::testing {

class FaultProxy {
 public:
  enum class Way : std::uint8_t { ToServer, ToClient };

  explicit FaultProxy(std::uint16_t server_port);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;

  std::uint16_t port() const { return port_; }

  void slice(std::size_t bytes, std::chrono::milliseconds pause = {});  ///< 0: no slices.
  /// Passes on so many more bytes this way (all connections together), then resets both ends.
  void cut_after(Way way, std::size_t bytes);
  /// Passes nothing on any more, and says nothing: the peer seems alive and is not (half-open).
  void hold_back(Way way, bool held);
  void cut_all();
  /// Bytes passed on so far.
  std::size_t passed(Way way) const;

 private:
  struct Pipe;
  void run();
  void accept_one();
  bool forward(Pipe& pipe, Way way);
  void cut(Pipe& pipe);

  int listener_ = -1;
  int wake_ = -1;
  std::uint16_t port_ = 0;
  const std::uint16_t server_port_;

  mutable std::mutex mutex_;
  bool stopped_ = false;
  bool cut_all_ = false;
  std::size_t slice_ = 0;
  std::chrono::milliseconds pause_{};
  std::optional<std::size_t> allowed_[2];
  bool held_[2] = {false, false};
  std::size_t passed_[2] = {0, 0};

  std::list<Pipe> pipes_;  // of the thread
  std::thread thread_;
};

}  // namespace causeway::testing
