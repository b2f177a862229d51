// causeway send: an MLLP client for trying things out. Sends each file as one message over one
// connection, waits for each answer, and prints it.
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "engine/formats/hl7v2/acknowledgement.h"
#include "engine/main/arguments.h"
#include "engine/main/commands.h"

namespace causeway {
namespace {

constexpr const char* usage =
    "usage: causeway send --to HOST:PORT [--timeout-ms N] [--quiet] FILE...\n"
    "  Sends each FILE (- for standard input) as one HL7 v2 message in an MLLP frame and prints "
    "the\n"
    "  answer. Line feeds at segment ends are sent as carriage returns unless --verbatim is "
    "given.\n"
    "  Exit code: 0 if every answer was AA or CA, 1 if not.\n";

constexpr std::size_t answer_bytes_max = 1024 * 1024;

class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}
  Connection(Connection&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  ~Connection() {
    if (socket_ >= 0) ::close(socket_);
  }

  static Result<Connection> open(const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &list); error != 0)
      return Error{ErrorKind::Unavailable, host + ":" + port, ::gai_strerror(error)};
    Error last{ErrorKind::Unavailable, host + ":" + port, "no address"};
    for (auto* at = list; at; at = at->ai_next) {
      Connection connection(::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, 0));
      if (connection.socket_ >= 0 &&
          ::connect(connection.socket_, at->ai_addr, at->ai_addrlen) == 0) {
        ::freeaddrinfo(list);
        return connection;
      }
      last.text = std::generic_category().message(errno);
    }
    ::freeaddrinfo(list);
    return last;
  }

  Status send(std::string_view bytes) {
    while (!bytes.empty()) {
      auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0)
        return Error{ErrorKind::Unavailable, "",
                     "cut while sending: " + std::generic_category().message(errno)};
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return Done{};
  }

  /// One frame's content.
  Result<std::string> receive(int timeout_ms) {
    std::string bytes;
    char buffer[4096];
    while (bytes.size() < answer_bytes_max) {
      pollfd wait{socket_, POLLIN, 0};
      if (::poll(&wait, 1, timeout_ms) <= 0)
        return Error{ErrorKind::TimedOut, "", "no answer in time"};
      auto got = ::recv(socket_, buffer, sizeof buffer, 0);
      if (got <= 0) return Error{ErrorKind::Unavailable, "", "closed without an answer"};
      bytes.append(buffer, static_cast<std::size_t>(got));
      auto end = bytes.find("\x1c\r");
      if (end == std::string::npos) continue;
      auto start = bytes.find('\x0b');
      if (start == std::string::npos || start > end)
        return Error{ErrorKind::Invalid, "", "the answer is not an MLLP frame"};
      return bytes.substr(start + 1, end - start - 1);
    }
    return Error{ErrorKind::Limit, "", "the answer is too long"};
  }

 private:
  int socket_;
};

Result<std::string> read_file(const std::string& name) {
  std::ifstream file;
  if (name != "-") {
    file.open(name, std::ios::binary);
    if (!file) return Error{ErrorKind::NotFound, name, "can't be read"};
  }
  std::istream& in = name == "-" ? std::cin : file;
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

std::string with_carriage_returns(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && i > 0 && text[i - 1] == '\r') continue;
    out += text[i] == '\n' ? '\r' : text[i];
  }
  return out;
}

std::string for_people(std::string text) {
  for (auto& c : text)
    if (c == '\r') c = '\n';
  return text;
}

/// Whether the answer accepts the message.
Result<bool> send_one(Connection& connection, const std::string& message, int timeout_ms,
                      bool quiet) {
  if (auto sent = connection.send("\x0b" + message + "\x1c\r"); !sent) return sent.error();
  auto answer = connection.receive(timeout_ms);
  if (!answer) return answer.error();
  if (!quiet) std::printf("%s\n", for_people(*answer).c_str());
  auto ack = hl7v2::read_ack(*answer);
  if (!ack) return ack.error();
  return ack->code == hl7v2::AckCode::AA || ack->code == hl7v2::AckCode::CA;
}

}  // namespace

int command_send(const Words& words) {
  auto arguments = Arguments::parse(words, {{"to", "timeout-ms"}, {"quiet", "verbatim", "help"}});
  if (!arguments || arguments->has("help") || !arguments->has("to") || arguments->words().empty()) {
    if (!arguments) std::fprintf(stderr, "causeway send: %s\n", arguments.error().str().c_str());
    std::fputs(usage, stderr);
    return 2;
  }
  const auto to = arguments->value("to");
  const auto colon = to.rfind(':');
  auto timeout = arguments->number("timeout-ms", 30'000);
  const auto is_port = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (colon == std::string::npos || !is_port(to.substr(colon + 1)) || !timeout || *timeout < 1 ||
      *timeout > 3'600'000) {
    std::fputs(usage, stderr);
    return 2;
  }
  auto connection = Connection::open(to.substr(0, colon), to.substr(colon + 1));
  if (!connection) {
    std::fprintf(stderr, "causeway send: %s\n", connection.error().str().c_str());
    return 1;
  }
  bool all_accepted = true;
  for (const auto& name : arguments->words()) {
    auto text = read_file(name);
    if (!text) {
      std::fprintf(stderr, "causeway send: %s\n", text.error().str().c_str());
      return 1;
    }
    auto message = arguments->has("verbatim") ? *text : with_carriage_returns(*text);
    auto accepted =
        send_one(*connection, message, static_cast<int>(*timeout), arguments->has("quiet"));
    if (!accepted) {
      std::fprintf(stderr, "causeway send: %s: %s\n", name.c_str(), accepted.error().str().c_str());
      return 1;
    }
    all_accepted = all_accepted && *accepted;
  }
  return all_accepted ? 0 : 1;
}

}  // namespace causeway
