#include "engine/api/http_server.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerConnection.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/ThreadPool.h>
#include <openssl/ssl.h>

#include <atomic>
#include <istream>
#include <ostream>

#include "engine/api/connection_watch.h"
#include "engine/api/problem.h"

namespace causeway::api {
namespace {

namespace net = Poco::Net;

constexpr int backlog = 64;
constexpr auto wire_patience_s = 10;  // for the next byte, either way
constexpr auto idle_patience_s = 5;   // for the next request
constexpr int requests_per_connection_max = 1000;
constexpr std::size_t drained_bytes_max = 8 * 1024 * 1024;
constexpr const char* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";

struct Shared {
  Application& application;
  Log& log;
  ConnectionWatch watch;
  std::atomic<bool> stopping{false};
};

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

class WireStream final : public Stream {
 public:
  WireStream(std::ostream& out, const Shared& shared) : out_(out), shared_(shared) {}
  bool write(std::string_view bytes) override {
    out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out_.flush();
    return out_.good() && !stopping();
  }
  bool stopping() const override { return shared_.stopping; }

 private:
  std::ostream& out_;
  const Shared& shared_;
};

class Handler final : public net::HTTPRequestHandler {
 public:
  Handler(Shared& shared, ConnectionWatch::Guard& guard, bool tls)
      : shared_(shared), guard_(guard), tls_(tls) {}

  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    HttpRequest read;
    auto refused = read_request(request, read);
    guard_.allow(ConnectionWatch::answer_patience);
    // What was refused may not be read whole: what follows on this connection is not a request.
    if (refused) response.setKeepAlive(false);
    send(refused ? std::move(*refused) : shared_.application.serve(read), request, response);
    if (refused) drain(request.stream());
    guard_.allow(ConnectionWatch::request_patience);
  }

 private:
  std::optional<Reply> read_request(net::HTTPServerRequest& request, HttpRequest& read) {
    read.method = request.getMethod();
    read.target = request.getURI();
    read.peer = request.clientAddress().host().toString();
    read.sealed_wire = tls_;
    for (const auto& [name, value] : request) {
      auto& all = read.headers[lower(name)];
      all += all.empty() ? value : ", " + value;
    }
    const bool chunked = request.getChunkedTransferEncoding();
    if (chunked ? request.hasContentLength() : request.has("Transfer-Encoding"))
      return problem(400, "the length of the body is told in two ways, or in an unknown one");
    const auto most = shared_.application.body_bytes_max(read);
    if (request.hasContentLength() &&
        static_cast<std::uint64_t>(request.getContentLength64()) > most)
      return problem(413, "at most " + std::to_string(most) + " bytes");
    return read_body(request.stream(), most, read.body);
  }

  static std::optional<Reply> read_body(std::istream& in, std::size_t most, std::string& body) {
    char piece[16 * 1024];
    while (in.good()) {
      in.read(piece, sizeof piece);
      body.append(piece, static_cast<std::size_t>(in.gcount()));
      if (body.size() > most) return problem(413, "at most " + std::to_string(most) + " bytes");
    }
    return std::nullopt;
  }

  /// A connection that is closed with bytes unread is reset, and the refusal with it.
  static void drain(std::istream& in) {
    char piece[16 * 1024];
    for (std::size_t read = 0; in.good() && read < drained_bytes_max;) {
      in.read(piece, sizeof piece);
      read += static_cast<std::size_t>(in.gcount());
    }
  }

  void send(Reply reply, net::HTTPServerRequest& request, net::HTTPServerResponse& response) {
    response.setStatusAndReason(static_cast<net::HTTPResponse::HTTPStatus>(reply.status));
    if (reply.content_type.empty())
      response.setContentType(net::HTTPMessage::UNKNOWN_CONTENT_TYPE);
    else
      response.setContentType(reply.content_type);
    response.set("Cache-Control", "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    response.set("Referrer-Policy", "no-referrer");
    if (tls_) response.set("Strict-Transport-Security", "max-age=31536000");
    for (const auto& [name, value] : reply.headers) response.set(name, value);
    if (!reply.stream) {
      if (reply.status == 204) response.setContentLength64(0);
      response.sendBuffer(reply.body.data(), reply.body.size());
      return;
    }
    if (request.getVersion() == net::HTTPMessage::HTTP_1_1)
      response.setChunkedTransferEncoding(true);
    else
      response.setKeepAlive(false);
    WireStream stream(response.send(), shared_);
    reply.stream(stream);
  }

  Shared& shared_;
  ConnectionWatch::Guard& guard_;
  const bool tls_;
};

class HandlerFactory final : public net::HTTPRequestHandlerFactory {
 public:
  HandlerFactory(Shared& shared, ConnectionWatch::Guard& guard, bool tls)
      : shared_(shared), guard_(guard), tls_(tls) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
    return new Handler(shared_, guard_, tls_);  // POCO deletes it
  }

 private:
  Shared& shared_;
  ConnectionWatch::Guard& guard_;
  const bool tls_;
};

class Connection final : public net::TCPServerConnection {
 public:
  Connection(const net::StreamSocket& socket, Shared& shared, bool tls,
             net::HTTPServerParams::Ptr params)
      : net::TCPServerConnection(socket), shared_(shared), tls_(tls), params_(std::move(params)) {}

  // A broken connection or request ends here; nothing of it is worth a line in the log.
  void run() override {
    try {
      ConnectionWatch::Guard guard(shared_.watch, socket().impl()->sockfd());
      socket().setSendTimeout(Poco::Timespan(wire_patience_s, 0));
      net::HTTPServerConnection(socket(), params_, new HandlerFactory(shared_, guard, tls_)).run();
    } catch (const Poco::Exception&) {
      shared_.log.debug("api.connection_broke");
    }
  }

 private:
  Shared& shared_;
  const bool tls_;
  net::HTTPServerParams::Ptr params_;
};

class ConnectionFactory final : public net::TCPServerConnectionFactory {
 public:
  ConnectionFactory(Shared& shared, bool tls, net::HTTPServerParams::Ptr params)
      : shared_(shared), tls_(tls), params_(std::move(params)) {}
  net::TCPServerConnection* createConnection(const net::StreamSocket& socket) override {
    return new Connection(socket, shared_, tls_, params_);  // POCO deletes it
  }

 private:
  Shared& shared_;
  const bool tls_;
  net::HTTPServerParams::Ptr params_;
};

net::ServerSocket secure_socket(const Listener& listener) {
  net::Context::Ptr context =
      new net::Context(net::Context::TLS_SERVER_USE, listener.key_file, listener.certificate_file,
                       "", net::Context::VERIFY_NONE, 9, false, ciphers);
  ::SSL_CTX_set_min_proto_version(context->sslContext(), TLS1_2_VERSION);
  return net::SecureServerSocket(context);
}

}  // namespace

bool is_loopback(const std::string& address) {
  net::IPAddress parsed;
  return net::IPAddress::tryParse(address, parsed) && parsed.isLoopback();
}

struct HttpServer::State {
  State(Application& application, Log& log) : shared{application, log, {}, {}} {}

  Shared shared;
  Poco::ThreadPool threads{"api", 2, threads_max};
  std::vector<std::unique_ptr<net::TCPServer>> servers;
};

HttpServer::HttpServer(Application& application, Log& log)
    : state_(std::make_unique<State>(application, log)) {}

HttpServer::~HttpServer() {
  stop();
}

Result<int> HttpServer::listen(const Listener& listener) {
  const bool tls = !listener.certificate_file.empty();
  const auto place = listener.address + ":" + std::to_string(listener.port);
  if (!tls && !is_loopback(listener.address))
    return Error{ErrorKind::Invalid, place,
                 "beyond loopback the API needs a certificate and a key"};
  try {
    auto socket = tls ? secure_socket(listener) : net::ServerSocket();
    socket.bind(net::SocketAddress(listener.address, static_cast<Poco::UInt16>(listener.port)),
                true, false);
    socket.listen(backlog);
    net::HTTPServerParams::Ptr params = new net::HTTPServerParams;
    params->setMaxThreads(threads_max);
    params->setMaxQueued(waiting_max);
    params->setTimeout(Poco::Timespan(wire_patience_s, 0));
    params->setKeepAlive(true);
    params->setKeepAliveTimeout(Poco::Timespan(idle_patience_s, 0));
    params->setMaxKeepAliveRequests(requests_per_connection_max);
    auto server = std::make_unique<net::TCPServer>(
        new ConnectionFactory(state_->shared, tls, params), state_->threads, socket, params);
    server->start();
    const int port = server->port();
    state_->servers.push_back(std::move(server));
    return port;
  } catch (const net::NetException& error) {
    const bool of_files = dynamic_cast<const net::SSLException*>(&error) != nullptr;
    return Error{of_files ? ErrorKind::Invalid : ErrorKind::Unavailable, place,
                 error.displayText()};
  } catch (const Poco::Exception& error) {
    return Error{ErrorKind::Invalid, place, error.displayText()};
  }
}

void HttpServer::stop() {
  state_->shared.stopping = true;
  for (auto& server : state_->servers) server->stop();
  state_->shared.watch.end_all();
  state_->threads.joinAll();
  state_->servers.clear();
}

}  // namespace causeway::api
