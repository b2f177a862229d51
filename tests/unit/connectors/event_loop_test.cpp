#include "connectors/support/event_loop.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <thread>

namespace causeway::connectors {
namespace {

using namespace std::chrono_literals;

struct Pair {
  Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0); }
  ~Pair() {
    for (int end : ends) ::close(end);
  }
  void write(std::string_view text) {
    REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  std::array<int, 2> ends{};
};

struct Recorder : EventLoop::Handler {
  std::function<void(bool, bool)> on_ready;
  void ready(bool readable, bool writable) override { on_ready(readable, writable); }
};

TEST_CASE("event loop runs posted work of many threads, in the order of each") {
  EventLoop loop;
  std::map<int, std::vector<int>> seen;
  loop.post([&] { seen[-1].push_back(0); });
  loop.start();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 1000; ++i) loop.post([&seen, t, i] { seen[t].push_back(i); });
    });
  for (auto& thread : threads) thread.join();
  loop.run_and_wait([] {});
  CHECK(seen.size() == 5);
  for (int t = 0; t < 4; ++t) {
    CHECK(seen[t].size() == 1000);
    CHECK(std::is_sorted(seen[t].begin(), seen[t].end()));
  }
}

TEST_CASE("event loop timers run by time, and not when cancelled") {
  EventLoop loop;
  std::vector<int> order;
  std::promise<void> done;
  loop.after(30ms, [&] {
    order.push_back(3);
    done.set_value();
  });
  loop.after(10ms, [&] { order.push_back(1); });
  loop.after(10ms, [&] { order.push_back(2); });
  auto cancelled = loop.after(1ms, [&] { order.push_back(0); });
  loop.cancel(cancelled);
  loop.cancel(cancelled);
  loop.start();
  REQUIRE(done.get_future().wait_for(10s) == std::future_status::ready);
  loop.stop();
  CHECK(order == std::vector<int>{1, 2, 3});
}

TEST_CASE("event loop: a timer that sets itself again at once lets others run") {
  EventLoop loop;
  std::atomic<int> count{0};
  std::function<void()> again = [&] {
    ++count;
    loop.after(0ms, again);
  };
  loop.after(0ms, again);
  loop.start();
  for (int i = 0; i < 3; ++i) loop.run_and_wait([] {});
  loop.stop();
  CHECK(count > 0);
}

TEST_CASE("event loop tells what a descriptor is ready for, and nothing after forget") {
  EventLoop loop;
  loop.start();
  Pair pair;
  Recorder handler;
  std::promise<std::pair<bool, bool>> first;
  handler.on_ready = [&](bool readable, bool writable) {
    loop.forget(pair.ends[0]);
    first.set_value({readable, writable});  // throws on a second call
  };
  loop.run_and_wait([&] { loop.watch(pair.ends[0], handler, true, false); });
  pair.write("x");
  auto told = first.get_future();
  REQUIRE(told.wait_for(10s) == std::future_status::ready);
  CHECK(told.get() == std::pair(true, false));
  pair.write("y");
  loop.run_and_wait([] {});
  loop.run_and_wait([] {});
}

TEST_CASE("event loop: a handler may forget another whose event is already fetched") {
  EventLoop loop;
  Pair one, two;
  Recorder handler_one, handler_two;
  int calls = 0;
  auto only_me = [&](bool, bool) {
    ++calls;
    loop.forget(one.ends[0]);
    loop.forget(two.ends[0]);
  };
  handler_one.on_ready = only_me;
  handler_two.on_ready = only_me;
  one.write("x");
  two.write("x");
  loop.watch(one.ends[0], handler_one, true, false);
  loop.watch(two.ends[0], handler_two, true, false);
  loop.start();
  for (int i = 0; i < 3; ++i) loop.run_and_wait([] {});
  loop.stop();
  CHECK(calls == 1);
}

TEST_CASE("event loop: who waits for nothing isn't woken by a hang-up") {
  EventLoop loop;
  Pair pair;
  Recorder handler;
  int calls = 0;
  handler.on_ready = [&](bool, bool) { ++calls; };
  loop.watch(pair.ends[0], handler, false, false);
  ::shutdown(pair.ends[1], SHUT_RDWR);
  loop.start();
  for (int i = 0; i < 3; ++i) loop.run_and_wait([] {});
  CHECK(calls == 0);
  std::promise<void> told;
  handler.on_ready = [&](bool readable, bool) {
    loop.forget(pair.ends[0]);
    if (readable) told.set_value();
  };
  loop.run_and_wait([&] { loop.watch(pair.ends[0], handler, true, false); });
  CHECK(told.get_future().wait_for(10s) == std::future_status::ready);
}

TEST_CASE("event loop: stop is idempotent, drops what is posted after it, and can be undone") {
  EventLoop loop;
  loop.start();
  loop.start();
  loop.stop();
  loop.stop();
  bool ran = false, dropped = true;
  loop.post([&] { dropped = false; });
  loop.run_and_wait([&] { ran = true; });
  CHECK(ran);
  loop.start();
  loop.run_and_wait([&] { CHECK(loop.on_loop_thread()); });
  CHECK(dropped);
  CHECK_FALSE(loop.on_loop_thread());
}

}  // namespace
}  // namespace causeway::connectors
