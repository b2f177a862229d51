#include "engine/api/events.h"

namespace causeway::api {
namespace {

constexpr auto look_every = Milliseconds(250);  // whether the server is stopping

std::string framed(const Events::Event& event) {
  std::string text = "event: " + event.type + "\ndata: ";
  for (const char c : event.data)
    if (c != '\n' && c != '\r') text += c;
  return text + "\n\n";
}

}  // namespace

void Events::publish(Event event) {
  if (count_.load(std::memory_order_relaxed) == 0) return;
  const auto text = framed(event);
  {
    std::lock_guard lock(mutex_);
    for (auto& listener : listeners_) {
      if (!listener.sees(event.channel)) continue;
      if (listener.waiting.size() == waiting_max) {
        listener.waiting.clear();
        listener.missed = true;
      }
      listener.waiting.push_back(text);
    }
  }
  came_.notify_all();
}

Result<Reply> Events::listen(Sees sees) {
  if (++count_ > listeners_max) {
    --count_;
    return Error{ErrorKind::Unavailable, "", "too many listen"};
  }
  // Counted from now on, listed once its stream begins: until then it misses nothing it was told
  // of.
  std::shared_ptr<void> counted(nullptr, [this](void*) { --count_; });
  Reply reply;
  reply.content_type = "text/event-stream";
  reply.stream = [this, counted, sees = std::move(sees)](Stream& stream) {
    std::list<Listener>::iterator place;
    {
      std::lock_guard lock(mutex_);
      place = listeners_.insert(listeners_.end(), {sees, {}, false});
    }
    feed(*place, stream);
    std::lock_guard lock(mutex_);
    listeners_.erase(place);
  };
  return reply;
}

void Events::feed(Listener& listener, Stream& stream) {
  if (!stream.write(": listening\n\n")) return;
  Milliseconds quiet{0};
  while (!stream.stopping()) {
    std::string out;
    {
      std::unique_lock lock(mutex_);
      const bool any = came_.wait_for(lock, look_every, [&] { return !listener.waiting.empty(); });
      quiet = any ? Milliseconds(0) : quiet + look_every;
      if (listener.missed) out += "event: missed\ndata: {}\n\n";
      listener.missed = false;
      for (auto& event : listener.waiting) out += event;
      listener.waiting.clear();
    }
    if (quiet >= quiet_max) {
      out += ": still here\n\n";
      quiet = Milliseconds(0);
    }
    if (!out.empty() && !stream.write(out)) return;
  }
}

}  // namespace causeway::api
