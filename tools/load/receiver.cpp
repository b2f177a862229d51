// An MLLP receiver that records: answers AA at once, or misbehaves as told, and knows of every
// message whether it came twice or out of its patient's order. Prints "listening PORT", then obeys
// lines on standard input: "report" prints one JSON object, "reset" begins its counts anew (what
// was seen is not forgotten), "quit" or the end of input ends it with a last report.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <deque>
#include <memory>
#include <random>

#include "tools/load/frames.h"
#include "tools/load/messages.h"
#include "tools/load/options.h"
#include "tools/load/order_check.h"
#include "tools/load/sockets.h"

namespace {

using namespace load;

struct Manners {
  std::int64_t delay_ns = 0;
  double silent = 0, error = 0, reject = 0, cut = 0;  // shares of all messages
  std::uint64_t seed = 1;
};

enum class Answer { Accept, Error, Reject, Silent, Cut };

struct Counts {
  std::uint64_t received = 0, bytes = 0, duplicates = 0, late = 0, unnumbered = 0;
  std::array<std::uint64_t, 5> answers{};
  std::int64_t first_ns = 0, last_ns = 0;
};

struct Connection {
  int socket = -1;
  std::uint64_t number = 0;
  FrameReader reader;
  Outbox outbox;
  bool waits_for_room = false;
};

struct Delayed {
  std::int64_t due_ns;
  std::uint64_t connection;
  std::string answer;
};

class Receiver {
 public:
  Receiver(int listener, Manners manners, std::FILE* ledger)
      : listener_(listener), manners_(manners), ledger_(ledger), random_(manners.seed) {}

  void run();

 private:
  void accept_all();
  void ready(Connection& connection, std::uint32_t events);
  void take(Connection& connection, std::string_view message);
  Answer choose();
  void record(std::string_view control_id, std::string_view message, Answer answer);
  void send(Connection& connection, std::string_view answer);
  void send_due();
  void close(Connection& connection);
  void watch(Connection& connection, int operation);
  bool obey();
  void report() const;
  int wait_ms() const;

  const int listener_;
  const Manners manners_;
  std::FILE* ledger_;
  std::mt19937_64 random_;
  int epoll_ = -1;
  std::uint64_t connections_ever_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::deque<Delayed> delayed_;
  std::string commands_;
  OrderCheck order_;
  Counts counts_;
};

constexpr std::uint64_t listener_number = 0, commands_number = 1, first_connection = 2;

void Receiver::watch(Connection& connection, int operation) {
  epoll_event event{};
  event.events = EPOLLIN | (connection.waits_for_room ? EPOLLOUT : 0u);
  event.data.u64 = connection.number;
  ::epoll_ctl(epoll_, operation, connection.socket, &event);
}

void Receiver::accept_all() {
  for (;;) {
    int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    auto connection = std::make_unique<Connection>();
    connection->socket = socket;
    connection->number = first_connection + connections_ever_++;
    watch(*connection, EPOLL_CTL_ADD);
    connections_.emplace(connection->number, std::move(connection));
  }
}

void Receiver::close(Connection& connection) {
  ::close(connection.socket);
  connections_.erase(connection.number);
}

Answer Receiver::choose() {
  double draw = std::uniform_real_distribution<double>(0, 1)(random_);
  const std::pair<double, Answer> shares[] = {{manners_.cut, Answer::Cut},
                                              {manners_.silent, Answer::Silent},
                                              {manners_.error, Answer::Error},
                                              {manners_.reject, Answer::Reject}};
  for (auto [share, answer] : shares) {
    if (draw < share) return answer;
    draw -= share;
  }
  return Answer::Accept;
}

void Receiver::record(std::string_view control_id, std::string_view message, Answer answer) {
  static constexpr std::array<const char*, 5> words{"AA", "AE", "AR", "silent", "cut"};
  auto now = now_ns();
  if (counts_.received++ == 0) counts_.first_ns = now;
  counts_.last_ns = now;
  counts_.bytes += message.size();
  ++counts_.answers[static_cast<std::size_t>(answer)];
  auto mrn = field(message, "PID", 3);
  MessageKey key;
  const char* place = "unnumbered";
  if (!parse_control_id(control_id, key)) {
    ++counts_.unnumbered;
  } else {
    switch (order_.arrived(mrn, key.sequence)) {
      case OrderCheck::Place::InOrder:
        place = "in_order";
        break;
      case OrderCheck::Place::Early:
        place = "early";
        break;
      case OrderCheck::Place::Late:
        place = "late";
        ++counts_.late;
        break;
      case OrderCheck::Place::Duplicate:
        place = "duplicate";
        ++counts_.duplicates;
        break;
    }
  }
  if (ledger_)
    std::fprintf(ledger_, "%.*s\t%.*s\t%" PRIu64 "\t%016" PRIx64 "\t%s\t%s\t%" PRId64 "\n",
                 static_cast<int>(control_id.size()), control_id.data(),
                 static_cast<int>(mrn.size()), mrn.data(), key.sequence, hash_of(message),
                 words[static_cast<std::size_t>(answer)], place, now);
}

void Receiver::take(Connection& connection, std::string_view message) {
  auto control_id = field(message, "MSH", 10);
  Answer answer = choose();
  record(control_id, message, answer);
  if (answer == Answer::Silent) return;
  if (answer == Answer::Cut) {
    ::shutdown(connection.socket, SHUT_RDWR);  // seen as closed by the next read
    return;
  }
  static constexpr std::array<std::string_view, 3> codes{"AA", "AE", "AR"};
  std::string ack = "MSH|^~\\&|RECEIVER|TEST|ENGINE|TEST|20260101||ACK|R";
  ack += std::to_string(counts_.received);
  ack += "|P|2.5.1\rMSA|";
  ack += codes[static_cast<std::size_t>(answer)];
  ack += '|';
  ack += control_id;
  ack += '\r';
  if (manners_.delay_ns == 0)
    connection.outbox.add_frame(ack);
  else
    delayed_.push_back({now_ns() + manners_.delay_ns, connection.number, std::move(ack)});
}

void Receiver::ready(Connection& connection, std::uint32_t events) {
  if (events & ~EPOLLOUT) {
    bool open = connection.reader.fill(connection.socket);
    while (auto message = connection.reader.next()) take(connection, *message);
    if (!open) return close(connection);
  }
  if (!connection.outbox.flush(connection.socket)) return close(connection);
  if (connection.waits_for_room == !connection.outbox.empty()) return;
  connection.waits_for_room = !connection.outbox.empty();
  watch(connection, EPOLL_CTL_MOD);
}

void Receiver::send_due() {
  for (auto now = now_ns(); !delayed_.empty() && delayed_.front().due_ns <= now;
       delayed_.pop_front()) {
    auto found = connections_.find(delayed_.front().connection);
    if (found == connections_.end()) continue;
    found->second->outbox.add_frame(delayed_.front().answer);
    ready(*found->second, EPOLLOUT);
  }
}

void Receiver::report() const {
  std::uint64_t stray = 0;
  for (const auto& [number, connection] : connections_) stray += connection->reader.stray_bytes();
  std::printf("{\"received\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"duplicates\": %" PRIu64
              ", \"late\": %" PRIu64 ", \"unnumbered\": %" PRIu64 ", \"answers\": {\"AA\": %" PRIu64
              ", \"AE\": %" PRIu64 ", \"AR\": %" PRIu64 ", \"silent\": %" PRIu64
              ", \"cut\": %" PRIu64 "}, \"first_ns\": %" PRId64 ", \"last_ns\": %" PRId64
              ", \"missing\": %" PRIu64
              ", \"patients\": %zu, \"connections\": %zu, \"stray_bytes\": %" PRIu64 "}\n",
              counts_.received, counts_.bytes, counts_.duplicates, counts_.late, counts_.unnumbered,
              counts_.answers[0], counts_.answers[1], counts_.answers[2], counts_.answers[3],
              counts_.answers[4], counts_.first_ns, counts_.last_ns, order_.missing(),
              order_.keys(), connections_.size(), stray);
  std::fflush(stdout);
}

/// False: it is to end.
bool Receiver::obey() {
  char text[256];
  auto got = ::read(STDIN_FILENO, text, sizeof text);
  if (got < 0) return true;
  if (got == 0) return false;
  commands_.append(text, static_cast<std::size_t>(got));
  for (auto end = commands_.find('\n'); end != std::string::npos; end = commands_.find('\n')) {
    auto command = commands_.substr(0, end);
    commands_.erase(0, end + 1);
    if (command == "quit") return false;
    if (command == "reset") counts_ = Counts();
    if (ledger_) std::fflush(ledger_);
    report();
  }
  return true;
}

int Receiver::wait_ms() const {
  if (delayed_.empty()) return 1000;
  auto left = delayed_.front().due_ns - now_ns();
  return left <= 0 ? 0 : static_cast<int>(left / 1'000'000) + 1;
}

void Receiver::run() {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  for (auto [fd, number] :
       {std::pair(listener_, listener_number), std::pair(STDIN_FILENO, commands_number)}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = number;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0)
      fail("standard input must be a pipe or a terminal");
  }
  std::printf("listening %d\n", port_of(listener_));
  std::fflush(stdout);
  std::array<epoll_event, 256> events;
  for (bool going = true; going;) {
    int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms());
    for (int i = 0; i < count; ++i) {
      auto& event = events[static_cast<std::size_t>(i)];
      if (event.data.u64 == listener_number) {
        accept_all();
      } else if (event.data.u64 == commands_number) {
        going = obey();
      } else if (auto found = connections_.find(event.data.u64); found != connections_.end()) {
        ready(*found->second, event.events);
      }
    }
    send_due();
  }
  report();
}

const std::vector<Option> known_options{
    {"host", "127.0.0.1", "address to listen on"},
    {"port", "0", "port to listen on; 0: a free one"},
    {"ledger", "",
     "file for one line per message: control id, PID-3.1, sequence, hash, answer, place in its "
     "order, monotonic ns"},
    {"delay-ms", "0", "answer so much later"},
    {"silent-share", "0", "share of messages that get no answer"},
    {"error-share", "0", "share answered AE"},
    {"reject-share", "0", "share answered AR"},
    {"cut-share", "0", "share after which the connection is cut, without an answer"},
    {"seed", "1", "of the draws for these shares"}};

}  // namespace

int main(int argc, char** argv) {
  Options options(argc, argv, "load_receiver: answers MLLP messages and records them",
                  known_options);
  Manners manners;
  manners.delay_ns = static_cast<std::int64_t>(options.number("delay-ms") * 1e6);
  manners.silent = options.number("silent-share");
  manners.error = options.number("error-share");
  manners.reject = options.number("reject-share");
  manners.cut = options.number("cut-share");
  manners.seed = static_cast<std::uint64_t>(options.integer("seed"));
  std::FILE* ledger = nullptr;
  if (const auto& path = options.text("ledger"); !path.empty()) {
    ledger = std::fopen(path.c_str(), "w");
    if (!ledger) fail("can't write " + path);
  }
  int port = static_cast<int>(options.integer("port"));
  Receiver(listen_on(options.text("host"), port), manners, ledger).run();
  if (ledger) std::fclose(ledger);
}
