#include "connectors/support/lookup.h"

#include <netdb.h>
#include <sys/socket.h>

#include <atomic>
#include <system_error>
#include <thread>

namespace causeway::connectors {
namespace {

using Found = Result<std::vector<SocketAddress>>;

std::atomic<int> under_way{0};

Found ask_resolver(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list))
    return Error{ErrorKind::Unavailable, host,
                 std::string("host name not found: ") + ::gai_strerror(code)};
  std::vector<SocketAddress> addresses;
  for (const auto* entry = list; entry; entry = entry->ai_next)
    addresses.emplace_back(entry->ai_addr, entry->ai_addrlen);
  ::freeaddrinfo(list);
  return addresses;
}

}  // namespace

struct Lookup::Shared : std::enable_shared_from_this<Shared> {
  std::mutex mutex;  // guards `loop`: while it is set, the loop lives
  EventLoop* loop = nullptr;
  OnFound on_found;  // of the loop's thread

  void tell(Found found) {
    std::lock_guard lock(mutex);
    if (!loop) return;
    loop->post([self = shared_from_this(), found = std::move(found)] {
      // It may destroy the Lookup.
      if (const auto tell = std::exchange(self->on_found, nullptr)) tell(found);
    });
  }
};

Lookup::Lookup(EventLoop& loop, std::string host, std::uint16_t port, OnFound on_found)
    : shared_(std::make_shared<Shared>()) {
  shared_->loop = &loop;
  shared_->on_found = std::move(on_found);
  if (auto numeric = SocketAddress::numeric(host, port)) {
    shared_->tell(std::vector<SocketAddress>{*numeric});
    return;
  }
  if (++under_way > lookups_max) {
    --under_way;
    shared_->tell(Error{ErrorKind::Unavailable, host, "too many host names being looked up"});
    return;
  }
  try {
    std::thread([shared = shared_, host = std::move(host), port] {
      auto found = ask_resolver(host, port);
      --under_way;
      shared->tell(std::move(found));
    }).detach();
  } catch (const std::system_error&) {
    --under_way;
    shared_->tell(Error{ErrorKind::Unavailable, "", "no thread to look up a host name"});
  }
}

Lookup::~Lookup() {
  shared_->on_found = nullptr;
  std::lock_guard lock(shared_->mutex);
  shared_->loop = nullptr;
}

}  // namespace causeway::connectors
