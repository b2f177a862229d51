#include "connectors/support/blocking_dial.h"

#include <future>

#include "engine/core/check.h"

namespace causeway::connectors {

Result<Socket> dial_and_wait(EventLoop& loop, const Dial::Target& target,
                             const std::atomic<bool>& stop) {
  CHECK(!loop.on_loop_thread());
  constexpr Milliseconds look_for_stop{50};
  std::promise<Result<Socket>> promise;
  auto connected = promise.get_future();
  std::unique_ptr<Dial> dial;
  loop.run_and_wait([&] {
    dial = std::make_unique<Dial>(
        loop, target, [&](Result<Socket> socket) { promise.set_value(std::move(socket)); });
  });
  const auto until = std::chrono::steady_clock::now() + target.timeout + Milliseconds(100);
  while (!stop && std::chrono::steady_clock::now() < until)
    if (connected.wait_for(look_for_stop) == std::future_status::ready) break;
  loop.run_and_wait([&] { dial.reset(); });
  if (connected.wait_for(Milliseconds(0)) == std::future_status::ready) return connected.get();
  const auto place = host_and_port(target.host, target.port);
  if (stop) return Error{ErrorKind::Stopped, place, "stopped"};
  return Error{ErrorKind::TimedOut, place, "no connection in time"};
}

}  // namespace causeway::connectors
