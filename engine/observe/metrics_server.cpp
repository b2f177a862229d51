#include "engine/observe/metrics_server.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/ThreadPool.h>

namespace causeway::observe {
namespace {

namespace net = Poco::Net;

struct Pages {
  Metrics& metrics;
  std::function<void()> before;
  std::function<std::string()> health;
};

class Handler final : public net::HTTPRequestHandler {
 public:
  explicit Handler(const Pages& pages) : pages_(pages) {}

  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    response.setContentType("text/plain; version=0.0.4; charset=utf-8");
    if (request.getMethod() != net::HTTPRequest::HTTP_GET)
      return answer(response, net::HTTPResponse::HTTP_METHOD_NOT_ALLOWED, "only GET\n");
    if (request.getURI() == "/metrics") {
      pages_.before();
      return answer(response, net::HTTPResponse::HTTP_OK, pages_.metrics.expose());
    }
    if (request.getURI() == "/health") {
      auto trouble = pages_.health();
      if (trouble.empty()) return answer(response, net::HTTPResponse::HTTP_OK, "ok\n");
      return answer(response, net::HTTPResponse::HTTP_SERVICE_UNAVAILABLE, trouble + "\n");
    }
    answer(response, net::HTTPResponse::HTTP_NOT_FOUND, "try /metrics or /health\n");
  }

 private:
  static void answer(net::HTTPServerResponse& response, net::HTTPResponse::HTTPStatus status,
                     const std::string& text) {
    response.setStatusAndReason(status);
    response.sendBuffer(text.data(), text.size());
  }

  const Pages& pages_;
};

class Factory final : public net::HTTPRequestHandlerFactory {
 public:
  explicit Factory(const Pages& pages) : pages_(pages) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
    return new Handler(pages_);  // POCO deletes it
  }

 private:
  const Pages& pages_;
};

}  // namespace

struct MetricsServer::State {
  Pages pages;
  Poco::ThreadPool threads{1, 2};
  std::unique_ptr<net::HTTPServer> server;
};

MetricsServer::MetricsServer(Metrics& metrics, std::function<void()> before,
                             std::function<std::string()> health)
    : state_(new State{{metrics, std::move(before), std::move(health)}, {1, 2}, nullptr}) {}

MetricsServer::~MetricsServer() {
  stop();
}

Status MetricsServer::start(int port) {
  try {
    net::ServerSocket socket;
    socket.bind(net::SocketAddress("127.0.0.1", static_cast<Poco::UInt16>(port)), true, false);
    socket.listen(16);
    net::HTTPServerParams::Ptr params = new net::HTTPServerParams;
    params->setMaxThreads(2);
    params->setMaxQueued(16);
    params->setTimeout(Poco::Timespan(10, 0));
    state_->server = std::make_unique<net::HTTPServer>(new Factory(state_->pages), state_->threads,
                                                       socket, params);
    state_->server->start();
    return Done{};
  } catch (const Poco::Exception& error) {
    return Error{ErrorKind::Unavailable, "127.0.0.1:" + std::to_string(port), error.displayText()};
  }
}

int MetricsServer::port() const {
  return state_->server ? state_->server->port() : 0;
}

void MetricsServer::stop() {
  if (!state_->server) return;
  state_->server->stopAll(true);
  state_->server.reset();
}

}  // namespace causeway::observe
