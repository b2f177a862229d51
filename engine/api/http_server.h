// HTTP/1.1 (RFC 9110, 9112) for the API, on POCO's server: listening sockets, TLS, threads, and the
// limits that any peer is held to. Knows nothing of resources.
//
// Security posture: without a certificate it listens on loopback alone. TLS 1.2 at least, AEAD with
// forward secrecy. Heads are bounded by POCO (100 fields, 8 KiB each), bodies by the application,
// time by ConnectionWatch, connections by `threads_max` and `waiting_max`. Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "engine/api/exchange.h"
#include "engine/core/log.h"

namespace causeway::api {

/// What is served. Called by several threads at once; throws nothing.
class Application {
 public:
  virtual ~Application() = default;
  /// How large a body this request may have; `head.body` is empty yet.
  virtual std::size_t body_bytes_max(const HttpRequest& head) = 0;
  virtual Reply serve(const HttpRequest& request) = 0;
};

struct Listener {
  std::string address = "127.0.0.1";
  int port = 0;                       ///< 0: any free one.
  std::string certificate_file = {};  ///< PEM, with its chain. Needed beyond loopback.
  std::string key_file = {};          ///< PEM.
};

class HttpServer {
 public:
  static constexpr int threads_max = 32;
  static constexpr int waiting_max = 64;
  static constexpr std::size_t head_value_bytes_max = 8192;

  HttpServer(Application& application, Log& log);
  ~HttpServer();

  /// Returns the port. Unavailable: it is taken. Invalid: the address, certificate or key is no
  /// good, or there is none for an address beyond loopback.
  Result<int> listen(const Listener& listener);
  /// Ends all connections; answers that are being given end early.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

bool is_loopback(const std::string& address);

}  // namespace causeway::api
