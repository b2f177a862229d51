#include "connectors/support/connection_probe.h"

#include <future>

#include "connectors/support/stream.h"
#include "engine/core/check.h"

namespace causeway::connectors {
namespace {

/// Of the loop's thread.
class Prober final : private Stream::Owner {
 public:
  Prober(EventLoop& loop, const Dial::Target& target, std::shared_ptr<const TlsContext> tls)
      : loop_(loop), target_(target), tls_(std::move(tls)) {}

  std::future<Probe> start() {
    dial_ = std::make_unique<Dial>(loop_, target_, [this](Result<Socket> socket) {
      if (!socket) return finish({false, socket.error().str()});
      Stream::Owner& owner = *this;
      stream_ = std::make_unique<Stream>(loop_, std::move(*socket), tls_, owner);
      stream_->open();
    });
    return result_.get_future();
  }

 private:
  void on_open() override { finish({true, "connected to " + place()}); }
  void on_bytes(std::string_view) override {}
  void on_progress() override {}
  void on_peer_end() override {}
  void on_failure(const Stream::Failure& failure) override {
    finish({false, place() + ": " + failure.text});
  }
  void finish(Probe probe) {
    if (!std::exchange(finished_, true)) result_.set_value(std::move(probe));
  }
  std::string place() const { return host_and_port(target_.host, target_.port); }

  EventLoop& loop_;
  const Dial::Target target_;
  const std::shared_ptr<const TlsContext> tls_;
  std::unique_ptr<Dial> dial_;
  std::unique_ptr<Stream> stream_;
  std::promise<Probe> result_;
  bool finished_ = false;
};

}  // namespace

Probe probe_connection(EventLoop& loop, const Dial::Target& target,
                       std::shared_ptr<const TlsContext> tls) {
  CHECK(!loop.on_loop_thread());
  auto prober = std::make_unique<Prober>(loop, target, std::move(tls));
  std::future<Probe> result;
  loop.run_and_wait([&] { result = prober->start(); });
  Probe probe{false, host_and_port(target.host, target.port) + ": no answer in time"};
  if (result.wait_for(target.timeout + Milliseconds(100)) == std::future_status::ready)
    probe = result.get();
  loop.run_and_wait([&] { prober.reset(); });
  return probe;
}

}  // namespace causeway::connectors
