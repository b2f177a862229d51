#include "connectors/support/event_loop.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <future>
#include <thread>

#include "engine/core/check.h"

namespace causeway::connectors {
namespace {

constexpr std::size_t events_per_wait = 256;
constexpr auto longest_wait = std::chrono::minutes(1);

std::uint64_t token_of(int fd, std::uint32_t generation) {
  return std::uint64_t{generation} << 32 | static_cast<std::uint32_t>(fd);
}

}  // namespace

struct EventLoop::State {
  // A descriptor's number is reused by the kernel, so events already fetched carry the generation
  // of the watch that they belong to; those of an ended watch are passed over.
  struct Watch {
    Handler* handler = nullptr;
    std::uint32_t generation = 0;
    std::uint32_t events = 0;
    bool registered = false;
  };
  using TimerKey = std::pair<SteadyTime, TimerId>;

  int epoll = -1;
  int wake = -1;
  std::thread thread;
  std::atomic<std::thread::id> thread_id{};
  std::atomic<bool> running{false};

  std::mutex mutex;  // guards the three below
  std::vector<Task> posted;
  bool sleeping = false;
  bool stopped = false;

  // Of the loop's thread
  std::vector<Task> batch;
  std::vector<Watch> watches;  // by descriptor
  std::uint32_t next_generation = 1;
  std::map<TimerKey, Task> timers;
  std::unordered_map<TimerId, SteadyTime> timer_times;
  TimerId next_timer = 1;
  std::map<std::string, std::weak_ptr<void>> shared;

  void run();
  void run_posted();
  void run_timers();
  int wait_ms() const;
  void wait_for_events();
  void dispatch(std::uint64_t token, std::uint32_t events);
  void wake_up() const;
  void set_interest(int fd, Watch& watch, std::uint32_t events);
};

EventLoop::EventLoop() : state_(std::make_unique<State>()) {
  state_->epoll = ::epoll_create1(EPOLL_CLOEXEC);
  state_->wake = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  CHECK(state_->epoll >= 0 && state_->wake >= 0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = token_of(state_->wake, 0);
  CHECK(::epoll_ctl(state_->epoll, EPOLL_CTL_ADD, state_->wake, &event) == 0);
}

EventLoop::~EventLoop() {
  stop();
  ::close(state_->wake);
  ::close(state_->epoll);
}

void EventLoop::start() {
  if (state_->running.exchange(true)) return;
  {
    std::lock_guard lock(state_->mutex);
    state_->stopped = false;
  }
  state_->thread = std::thread([state = state_.get()] {
    ::pthread_setname_np(::pthread_self(), "loop");
    state->run();
  });
}

void EventLoop::stop() {
  CHECK(!on_loop_thread());
  if (!state_->running.exchange(false)) return;
  state_->wake_up();
  state_->thread.join();
  std::vector<Task> dropped;
  {
    std::lock_guard lock(state_->mutex);
    state_->stopped = true;
    dropped.swap(state_->posted);
  }
}

bool EventLoop::on_loop_thread() const {
  return state_->thread_id == std::this_thread::get_id();
}

std::map<std::string, std::weak_ptr<void>>& EventLoop::shared() {
  return state_->shared;
}

void EventLoop::post(Task task) {
  bool wake = false;
  {
    std::lock_guard lock(state_->mutex);
    if (state_->stopped) return;
    state_->posted.push_back(std::move(task));
    wake = std::exchange(state_->sleeping, false);
  }
  if (wake) state_->wake_up();
}

void EventLoop::run_and_wait(const Task& task) {
  if (on_loop_thread() || !state_->running) return task();
  auto waiting = std::make_shared<std::packaged_task<void()>>(task);
  auto done = waiting->get_future();
  post([waiting = std::move(waiting)] { (*waiting)(); });
  // A task dropped by a stop meanwhile breaks its promise.
  try {
    done.get();
  } catch (const std::future_error&) {
    task();
  }
}

void EventLoop::watch(int fd, Handler& handler, bool read, bool write) {
  const auto slot = static_cast<std::size_t>(fd);
  if (slot >= state_->watches.size()) state_->watches.resize(slot + 64);
  auto& watch = state_->watches[slot];
  if (watch.handler != &handler) {
    watch.handler = &handler;
    watch.generation = state_->next_generation++;
    watch.events = 0;
  }
  const std::uint32_t events = (read ? static_cast<std::uint32_t>(EPOLLIN | EPOLLRDHUP) : 0u) |
                               (write ? static_cast<std::uint32_t>(EPOLLOUT) : 0u);
  state_->set_interest(fd, watch, events);
}

void EventLoop::forget(int fd) {
  const auto slot = static_cast<std::size_t>(fd);
  if (fd < 0 || slot >= state_->watches.size()) return;
  auto& watch = state_->watches[slot];
  if (watch.registered) ::epoll_ctl(state_->epoll, EPOLL_CTL_DEL, fd, nullptr);
  watch = {};
}

EventLoop::TimerId EventLoop::after(Milliseconds delay, Task task) {
  const auto when = std::chrono::steady_clock::now() + delay;
  const auto id = state_->next_timer++;
  state_->timers.emplace(State::TimerKey(when, id), std::move(task));
  state_->timer_times.emplace(id, when);
  return id;
}

void EventLoop::cancel(TimerId timer) {
  const auto found = state_->timer_times.find(timer);
  if (found == state_->timer_times.end()) return;
  state_->timers.erase({found->second, timer});
  state_->timer_times.erase(found);
}

// epoll reports hang-ups even to those who ask for nothing, over and over: with no interest left
// the descriptor is taken out.
void EventLoop::State::set_interest(int fd, Watch& watch, std::uint32_t events) {
  if (watch.registered && watch.events == events) return;
  epoll_event event{};
  event.events = events;
  event.data.u64 = token_of(fd, watch.generation);
  if (events == 0) {
    if (watch.registered) CHECK(::epoll_ctl(epoll, EPOLL_CTL_DEL, fd, nullptr) == 0);
  } else {
    CHECK(::epoll_ctl(epoll, watch.registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) == 0);
  }
  watch.registered = events != 0;
  watch.events = events;
}

void EventLoop::State::wake_up() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] auto written = ::write(wake, &one, sizeof one);  // full: awake already
}

void EventLoop::State::run() {
  thread_id = std::this_thread::get_id();
  // A peer that is gone is an EPIPE, also where a library writes to the socket.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  while (running) {
    run_posted();
    run_timers();
    wait_for_events();
  }
  thread_id = std::thread::id();
}

void EventLoop::State::run_posted() {
  {
    std::lock_guard lock(mutex);
    batch.swap(posted);
  }
  for (auto& task : batch) {
    task();
    task = nullptr;  // what it holds on to must not wait for the end of the batch
  }
  batch.clear();
}

void EventLoop::State::run_timers() {
  const auto now = std::chrono::steady_clock::now();
  // A timer set by a timer has a later number, so that even delays of zero come to an end here.
  const auto last = next_timer;
  while (!timers.empty() && timers.begin()->first.first <= now &&
         timers.begin()->first.second < last) {
    auto due = timers.extract(timers.begin());
    timer_times.erase(due.key().second);
    due.mapped()();
  }
}

int EventLoop::State::wait_ms() const {
  SteadyTime::duration wait = longest_wait;
  if (!timers.empty())
    wait = std::min(wait, timers.begin()->first.first - std::chrono::steady_clock::now());
  return static_cast<int>(
      std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(wait).count()));
}

void EventLoop::State::wait_for_events() {
  int timeout = wait_ms();
  {
    std::lock_guard lock(mutex);
    sleeping = posted.empty();
    if (!sleeping || !running) timeout = 0;
  }
  std::array<epoll_event, events_per_wait> events;
  const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), timeout);
  CHECK(count >= 0 || errno == EINTR);
  {
    std::lock_guard lock(mutex);
    sleeping = false;
  }
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    dispatch(event.data.u64, event.events);
  }
}

void EventLoop::State::dispatch(std::uint64_t token, std::uint32_t events) {
  const auto fd = static_cast<int>(token & 0xFFFFFFFF);
  if (fd == wake) {
    std::uint64_t count = 0;
    [[maybe_unused]] auto read = ::read(wake, &count, sizeof count);
    return;
  }
  const auto& watch = watches[static_cast<std::size_t>(fd)];
  if (!watch.handler || watch.generation != static_cast<std::uint32_t>(token >> 32)) return;
  const std::uint32_t ended = events & (EPOLLHUP | EPOLLERR);
  const bool readable = (watch.events & EPOLLIN) && (ended || events & (EPOLLIN | EPOLLRDHUP));
  const bool writable = (watch.events & EPOLLOUT) && (ended || events & EPOLLOUT);
  if (readable || writable) watch.handler->ready(readable, writable);
}

}  // namespace causeway::connectors
