// An MLLP sender that measures: N connections, each with its own patients, so that the order of one
// patient's messages is well defined. Closed loop (one message outstanding per connection), or open
// loop at a rate, where a latency counts from when a message was due, not from when it was sent.
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>

#include "tools/load/frames.h"
#include "tools/load/latencies.h"
#include "tools/load/messages.h"
#include "tools/load/options.h"
#include "tools/load/sockets.h"

namespace {

using namespace load;

struct Plan {
  std::string host, port;
  int run = 1;
  std::size_t connections = 1, window = 1, bytes = 1500;
  std::uint32_t patients = 1000;
  std::uint64_t count = 0;
  double rate = 0;
  std::int64_t seconds_ns = 0, ack_timeout_ns = 0, reconnect_ns = 0;
  bool resend = false;
};

struct Sent {
  MessageKey key;
  std::int64_t due_ns = 0;
};

struct Connection {
  int socket = -1;
  std::size_t index = 0;
  FrameReader reader;
  Outbox outbox;
  std::deque<Sent> unanswered;
  std::deque<std::int64_t> due;  // open loop: times of messages that the window has no room for
  std::uint32_t next_patient = 0;
  std::int64_t last_progress_ns = 0;
  bool waits_for_room = false;
};

class Generator {
 public:
  Generator(Plan plan, std::FILE* ledger)
      : plan_(std::move(plan)), ledger_(ledger), sequences_(plan_.patients, 0) {}

  void run();
  void print(bool json);
  bool clean() const { return failed_ == 0 && lost_ == 0 && wrong_answers_ == 0; }

 private:
  bool open(Connection& connection);
  void give_up(Connection& connection);
  void broken(Connection& connection);
  bool may_send_more(std::int64_t now) const;
  void send_next(Connection& connection, std::int64_t due_ns);
  void fill_window(Connection& connection);
  void schedule_due(std::int64_t now);
  void read_answers(Connection& connection);
  void take_answer(Connection& connection, std::string_view answer);
  void flush(Connection& connection);
  void watch(Connection& connection, int operation);
  void check_timeouts(std::int64_t now);
  bool finished(std::int64_t now) const;

  const Plan plan_;
  std::FILE* ledger_;
  std::vector<std::uint64_t> sequences_;  // of each patient, last used
  std::vector<std::unique_ptr<Connection>> connections_;
  int epoll_ = -1;
  std::uint64_t started_ = 0, scheduled_ = 0;
  std::uint64_t failed_ = 0, lost_ = 0, wrong_answers_ = 0, resent_ = 0;
  std::int64_t first_send_ns_ = 0, last_answer_ns_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> answers_;
  Latencies latencies_;
};

bool Generator::open(Connection& connection) {
  connection.socket = connect_to(plan_.host, plan_.port);
  if (connection.socket < 0) return false;
  connection.reader = FrameReader();
  connection.outbox = Outbox();
  connection.waits_for_room = false;
  connection.last_progress_ns = now_ns();
  watch(connection, EPOLL_CTL_ADD);
  return true;
}

void Generator::watch(Connection& connection, int operation) {
  epoll_event event{};
  event.events = EPOLLIN | (connection.waits_for_room ? EPOLLOUT : 0u);
  event.data.ptr = &connection;
  ::epoll_ctl(epoll_, operation, connection.socket, &event);
}

void Generator::give_up(Connection& connection) {
  ::close(connection.socket);
  connection.socket = -1;
  lost_ += connection.unanswered.size();
  connection.unanswered.clear();
  ++failed_;
}

/// As a real sender does: what has no answer is sent again, in order, on a new connection.
void Generator::broken(Connection& connection) {
  if (!plan_.resend) return give_up(connection);
  ::close(connection.socket);
  for (auto deadline = now_ns() + plan_.reconnect_ns; !open(connection);) {
    if (now_ns() > deadline) return give_up(connection);
    ::usleep(20'000);
  }
  resent_ += connection.unanswered.size();
  for (const auto& sent : connection.unanswered)
    connection.outbox.add_frame(make_message(sent.key, plan_.bytes));
  flush(connection);
}

bool Generator::may_send_more(std::int64_t now) const {
  auto begun = plan_.rate > 0 ? scheduled_ : started_;
  if (plan_.count > 0 && begun >= plan_.count) return false;
  return plan_.seconds_ns == 0 || now - first_send_ns_ < plan_.seconds_ns;
}

void Generator::send_next(Connection& connection, std::int64_t due_ns) {
  // Connection i has the patients i, i + N, i + 2N …, in turn.
  auto patient = connection.next_patient;
  auto following = patient + static_cast<std::uint32_t>(plan_.connections);
  connection.next_patient =
      following < plan_.patients ? following : static_cast<std::uint32_t>(connection.index);
  MessageKey key{plan_.run, patient, ++sequences_[patient]};
  if (connection.unanswered.empty()) connection.last_progress_ns = now_ns();
  connection.unanswered.push_back({key, due_ns});
  connection.outbox.add_frame(make_message(key, plan_.bytes));
  ++started_;
}

void Generator::fill_window(Connection& connection) {
  if (connection.socket < 0) return;
  auto now = now_ns();
  while (connection.unanswered.size() < plan_.window) {
    if (plan_.rate > 0) {
      if (connection.due.empty()) break;
      send_next(connection, connection.due.front());
      connection.due.pop_front();
    } else {
      if (!may_send_more(now)) break;
      send_next(connection, now);
    }
  }
  flush(connection);
}

/// Open loop: message k is due at k / rate, and goes to connection k modulo N.
void Generator::schedule_due(std::int64_t now) {
  if (plan_.rate <= 0) return;
  for (;;) {
    if (plan_.count > 0 && scheduled_ >= plan_.count) return;
    auto due = first_send_ns_ +
               static_cast<std::int64_t>(static_cast<double>(scheduled_) / plan_.rate * 1e9);
    if (due > now || (plan_.seconds_ns > 0 && due - first_send_ns_ >= plan_.seconds_ns)) return;
    auto& connection = *connections_[scheduled_++ % connections_.size()];
    connection.due.push_back(due);
    fill_window(connection);
  }
}

void Generator::flush(Connection& connection) {
  if (connection.socket < 0) return;
  if (!connection.outbox.flush(connection.socket)) return broken(connection);
  if (connection.waits_for_room == !connection.outbox.empty()) return;
  connection.waits_for_room = !connection.outbox.empty();
  watch(connection, EPOLL_CTL_MOD);
}

void Generator::take_answer(Connection& connection, std::string_view answer) {
  auto now = now_ns();
  if (connection.unanswered.empty() ||
      field(answer, "MSA", 2) != control_id_of(connection.unanswered.front().key)) {
    ++wrong_answers_;
    return;
  }
  Sent sent = connection.unanswered.front();
  connection.unanswered.pop_front();
  auto code = field(answer, "MSA", 1);
  auto count = answers_.find(code);
  if (count == answers_.end()) count = answers_.emplace(code, 0).first;
  ++count->second;
  latencies_.add(now - sent.due_ns);
  last_answer_ns_ = connection.last_progress_ns = now;
  if (ledger_)
    std::fprintf(ledger_, "%s\t%.*s\t%" PRId64 "\t%" PRId64 "\n", control_id_of(sent.key).c_str(),
                 static_cast<int>(code.size()), code.data(), (now - sent.due_ns) / 1000, now);
}

void Generator::read_answers(Connection& connection) {
  bool open = connection.reader.fill(connection.socket);
  while (auto answer = connection.reader.next()) take_answer(connection, *answer);
  if (!open && (may_send_more(now_ns()) || !connection.unanswered.empty())) broken(connection);
  fill_window(connection);
}

void Generator::check_timeouts(std::int64_t now) {
  for (auto& connection : connections_)
    if (connection->socket >= 0 && !connection->unanswered.empty() &&
        now - connection->last_progress_ns > plan_.ack_timeout_ns)
      broken(*connection);
}

bool Generator::finished(std::int64_t now) const {
  bool open = false, idle = true;
  for (const auto& connection : connections_) {
    if (connection->socket < 0) continue;
    open = true;
    if (!connection->unanswered.empty() || !connection->due.empty()) idle = false;
  }
  return !open || (idle && !may_send_more(now));
}

void Generator::run() {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  for (std::size_t i = 0; i < plan_.connections; ++i) {
    connections_.push_back(std::make_unique<Connection>());
    connections_.back()->index = i;
    connections_.back()->next_patient = static_cast<std::uint32_t>(i);
    if (!open(*connections_.back())) fail("can't connect to " + plan_.host + ":" + plan_.port);
  }
  first_send_ns_ = now_ns();
  auto checked_ns = first_send_ns_;
  if (plan_.rate <= 0)
    for (auto& connection : connections_) fill_window(*connection);
  // In an open loop a message may become due at any time: the shortest wait there is.
  const int wait_ms = plan_.rate > 0 ? 1 : 100;
  std::array<epoll_event, 256> events;
  for (auto now = first_send_ns_; !finished(now); now = now_ns()) {
    schedule_due(now);
    int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms);
    for (int i = 0; i < ready; ++i) {
      auto& event = events[static_cast<std::size_t>(i)];
      auto& connection = *static_cast<Connection*>(event.data.ptr);
      if (connection.socket >= 0 && (event.events & EPOLLOUT)) flush(connection);
      if (connection.socket >= 0 && (event.events & ~EPOLLOUT)) read_answers(connection);
    }
    if (now - checked_ns > 100'000'000) {
      check_timeouts(now);
      checked_ns = now;
    }
  }
}

void Generator::print(bool json) {
  double seconds = static_cast<double>(last_answer_ns_ - first_send_ns_) / 1e9;
  double rate = seconds > 0 ? static_cast<double>(latencies_.count()) / seconds : 0;
  std::string codes;
  for (const auto& [code, count] : answers_) {
    if (!codes.empty()) codes += ", ";
    codes += (json ? "\"" + code + "\": " : code + " ") + std::to_string(count);
  }
  double p50 = latencies_.percentile_ms(0.5), p99 = latencies_.percentile_ms(0.99),
         p999 = latencies_.percentile_ms(0.999), most = latencies_.percentile_ms(1);
  if (json)
    std::printf("{\"sent\": %" PRIu64 ", \"answers\": {%s}, \"lost\": %" PRIu64
                ", \"failed_connections\": %" PRIu64 ", \"wrong_answers\": %" PRIu64
                ", \"resent\": %" PRIu64 ", \"first_send_ns\": %" PRId64
                ", \"last_answer_ns\": %" PRId64
                ", \"seconds\": %.6f, \"rate\": %.1f, \"p50_ms\": %.4f, \"p99_ms\": %.4f, "
                "\"p999_ms\": %.4f, \"max_ms\": %.4f}\n",
                started_, codes.c_str(), lost_, failed_, wrong_answers_, resent_, first_send_ns_,
                last_answer_ns_, seconds, rate, p50, p99, p999, most);
  else
    std::printf("sent %" PRIu64 " in %.2f s: %.0f a second; %s; lost %" PRIu64 ", resent %" PRIu64
                "\nACK ms: p50 %.3f, p99 %.3f, p99.9 %.3f, longest %.3f\n",
                started_, seconds, rate, codes.c_str(), lost_, resent_, p50, p99, p999, most);
}

const std::vector<Option> known_options{
    {"to", "127.0.0.1:6661", "host:port to send to"},
    {"connections", "1", "connections"},
    {"count", "0", "messages in all; 0: bounded by --seconds alone"},
    {"seconds", "0", "stop sending after so long; 0: bounded by --count alone"},
    {"rate", "0", "open loop: messages a second in all; 0: closed loop"},
    {"window", "1", "messages that may be unanswered on one connection"},
    {"patients", "1000", "distinct patients (at least one per connection)"},
    {"bytes", "1500", "length of a message"},
    {"run", "1", "0 to 999: gives the run patients of its own"},
    {"ack-timeout-ms", "30000", "then a connection counts as broken"},
    {"resend", "flag", "on a broken connection: connect and send again what has no answer"},
    {"reconnect-ms", "10000", "for so long it tries to connect again, with --resend"},
    {"ledger", "", "file for one line per answer: control id, code, µs, monotonic ns"},
    {"print", "flag", "print the messages with the control ids given as arguments, and end"},
    {"json", "flag", "the result as one JSON object"}};

int print_messages(const Options& options) {
  for (const auto& text : options.arguments()) {
    MessageKey key;
    if (!parse_control_id(text, key)) fail("\"" + text + "\" is none of the generator's ids");
    auto message = make_message(key, static_cast<std::size_t>(options.integer("bytes")));
    std::fwrite(message.data(), 1, message.size(), stdout);
  }
  return 0;
}

Plan read_plan(const Options& options) {
  Plan plan;
  const auto& to = options.text("to");
  auto colon = to.rfind(':');
  if (colon == std::string::npos) fail("--to: host:port is needed");
  plan.host = to.substr(0, colon);
  plan.port = to.substr(colon + 1);
  plan.run = static_cast<int>(options.integer("run"));
  plan.connections = static_cast<std::size_t>(options.integer("connections"));
  plan.window = static_cast<std::size_t>(options.integer("window"));
  plan.bytes = static_cast<std::size_t>(options.integer("bytes"));
  plan.patients = static_cast<std::uint32_t>(options.integer("patients"));
  plan.count = static_cast<std::uint64_t>(options.integer("count"));
  plan.rate = options.number("rate");
  plan.seconds_ns = static_cast<std::int64_t>(options.number("seconds") * 1e9);
  plan.ack_timeout_ns = options.integer("ack-timeout-ms") * 1'000'000;
  plan.reconnect_ns = options.integer("reconnect-ms") * 1'000'000;
  plan.resend = options.flag("resend");
  if (plan.connections < 1 || plan.window < 1) fail("--connections and --window: at least 1");
  if (plan.patients < plan.connections || plan.patients > 9'999'999)
    fail("--patients: at least one per connection, at most 9999999");
  if (plan.run < 0 || plan.run > 999) fail("--run: 0 to 999");
  if (plan.count == 0 && plan.seconds_ns == 0) fail("--count or --seconds is needed");
  return plan;
}

}  // namespace

int main(int argc, char** argv) {
  Options options(argc, argv, "load_generator: sends HL7 v2 messages by MLLP and measures the ACKs",
                  known_options);
  if (options.flag("print")) return print_messages(options);
  std::FILE* ledger = nullptr;
  if (const auto& path = options.text("ledger"); !path.empty()) {
    ledger = std::fopen(path.c_str(), "w");
    if (!ledger) fail("can't write " + path);
  }
  Generator generator(read_plan(options), ledger);
  generator.run();
  if (ledger) std::fclose(ledger);
  generator.print(options.flag("json"));
  return generator.clean() ? 0 : 1;
}
