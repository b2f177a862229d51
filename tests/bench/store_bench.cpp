// What the journal costs, without the rest of the engine:
//
//   store_bench CONNINFO [MESSAGES]
//
// Prints the time of one accept alone; the rate of accepts with so many under way; and the rate of
// whole messages (accept, passage, settlement with a reply), with the WAL and the bytes on disk
// that each takes. Uses a database that may be filled; a message is 700 bytes with three search
// terms.
#include <libpq-fe.h>
#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/store/store.h"

namespace {

using namespace causeway;  // NOLINT: a program of one file

constexpr ChannelId channel{1};
constexpr DestinationId destination{1};

std::string hl7_message(std::size_t n) {
  const auto number = std::to_string(n);
  std::string text = "MSH|^~\\&|ADT|HOSP|LAB|HOSP|20240101120000||ADT^A01^ADT_A01|" + number +
                     "|P|2.5\rEVN|A01|20240101120000\rPID|1||" + std::to_string(n % 50'000) +
                     "^^^HOSP^MR||DOE^JOHN^" + number + "||19700101|M|||1 MAIN ST^^TOWN^ST^" +
                     number + "\r";
  while (text.size() < 700) text += "OBX|" + std::to_string(text.size() * n % 977) + "|NM|GLU^x\r";
  return text;
}

Arrival arrival(std::size_t n) {
  Arrival it;
  it.channel = channel;
  it.draft.sender.address = "192.0.2.7:51022";
  it.draft.content_type = ContentType::Hl7v2;
  it.draft.body = Body(make_bytes(hl7_message(n)));
  it.control_id = std::to_string(n);
  it.type = "ADT^A01";
  it.order_keys = {n % 50'000 + 1};
  it.duplicate = {n + 1, n + 2};
  it.terms = {{"MSH-10", it.control_id},
              {"PID-3.1", std::to_string(n % 50'000)},
              {"PV1-19", std::to_string(n / 2)}};
  return it;
}

Passage passage(MessageId id, const Bytes& input) {
  Passage it;
  it.message = id;
  it.channel = channel;
  it.input = input;
  it.steps.push_back({"transform", "", std::nullopt, std::chrono::microseconds(12)});
  DeliveryRecord delivery;
  delivery.destination = destination;
  delivery.armed = true;
  delivery.body = Body(make_bytes(*input + "ZZZ|1|added\r"));
  it.deliveries.push_back(std::move(delivery));
  it.reply = ReplyRecord{"MSH|^~\\&|LAB|HOSP\rMSA|AA|1\r", ReplyState::Sent, it.at, false};
  return it;
}

Settlement settlement(MessageId id) {
  Settlement it;
  AttemptRecord attempt;
  attempt.work = {id, RunNumber{1}, destination};
  attempt.response = "MSH|^~\\&|EMR|HOSP\rMSA|AA|1\r";
  it.attempts.push_back(std::move(attempt));
  return it;
}

double seconds_since(SteadyTime start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Of this process: sealing, packing, libpq.
double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Lets at most so many be under way, and waits for the last.
class Window {
 public:
  explicit Window(std::size_t size) : size_(size) {}
  void enter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return under_way_ < size_; });
    ++under_way_;
  }
  void leave() {
    std::lock_guard lock(mutex_);
    --under_way_;
    changed_.notify_all();
  }
  void wait_empty() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return under_way_ == 0; });
  }

 private:
  const std::size_t size_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t under_way_ = 0;
};

void fail(const Error& error) {
  std::fprintf(stderr, "store_bench: %s\n", error.str().c_str());
  std::exit(1);
}

double number(const std::string& conninfo, const char* sql) {
  auto* connection = PQconnectdb(conninfo.c_str());
  auto* result = PQexec(connection, sql);
  const double value = PQntuples(result) > 0 ? std::atof(PQgetvalue(result, 0, 0)) : 0;
  PQclear(result);
  PQfinish(connection);
  return value;
}

constexpr const char* wal_sql = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn";
constexpr const char* disk_sql = "SELECT pg_database_size(current_database())";

void one_at_a_time(Journal& journal) {
  constexpr std::size_t rounds = 2000;
  std::vector<double> times;
  Window window(1);
  for (std::size_t n = 0; n < rounds; ++n) {
    const auto start = std::chrono::steady_clock::now();
    window.enter();
    journal.accept(arrival(n), [&](Result<Receipt> receipt) {
      if (!receipt) fail(receipt.error());
      window.leave();
    });
    window.wait_empty();
    times.push_back(seconds_since(start) * 1e3);
  }
  std::sort(times.begin(), times.end());
  std::printf("one accept at a time: p50 %.3f ms, p99 %.3f ms\n", times[rounds / 2],
              times[rounds * 99 / 100]);
}

void accepts(Journal& journal, std::size_t under_way, std::size_t messages) {
  Window window(under_way);
  const double cpu = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t n = 0; n < messages; ++n) {
    window.enter();
    journal.accept(arrival(n), [&](Result<Receipt> receipt) {
      if (!receipt) fail(receipt.error());
      window.leave();
    });
  }
  window.wait_empty();
  const auto count = static_cast<double>(messages);
  std::printf("accepts, %4zu under way: %.0f/s, our CPU %.1f us each\n", under_way,
              count / seconds_since(start), (cpu_seconds() - cpu) * 1e6 / count);
}

void whole_messages(Journal& journal, const std::string& conninfo, std::size_t under_way,
                    std::size_t messages) {
  const double wal = number(conninfo, wal_sql);
  const double disk = number(conninfo, disk_sql);
  Window window(under_way);
  const double cpu = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t n = 0; n < messages; ++n) {
    window.enter();
    auto it = arrival(n);
    auto input = it.draft.body.bytes();
    journal.accept(std::move(it), [&, input](Result<Receipt> receipt) {
      if (!receipt) fail(receipt.error());
      const auto id = receipt->message;
      journal.record(passage(id, input), [&, id](Result<std::vector<Receipt>> recorded) {
        if (!recorded) fail(recorded.error());
        journal.settle(settlement(id), [&](Status settled) {
          if (!settled) fail(settled.error());
          window.leave();
        });
      });
    });
  }
  window.wait_empty();
  const auto count = static_cast<double>(messages);
  const double seconds = seconds_since(start);
  std::printf("whole messages, %4zu under way: %.0f/s, our CPU %.1f us each; ", under_way,
              count / seconds, (cpu_seconds() - cpu) * 1e6 / count);
  std::printf("WAL %.0f, disk %.0f bytes each\n", (number(conninfo, wal_sql) - wal) / count,
              (number(conninfo, disk_sql) - disk) / count);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: store_bench CONNINFO [MESSAGES]\n");
    return 2;
  }
  const std::size_t messages = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 100'000;
  const auto keys = std::filesystem::temp_directory_path() / "causeway-store-bench-keys";
  auto masters = store::MasterKeys::open(keys);
  if (!masters) fail(masters.error());
  MachineClock clock;
  NoLog log;
  store::StoreOptions options;
  options.conninfo = argv[1];
  options.holder = "store_bench";
  auto opened = store::PostgresStore::open(options, **masters, clock, log);
  if (!opened) fail(opened.error());
  auto& journal = (*opened)->journal();
  one_at_a_time(journal);
  for (std::size_t under_way : {64u, 512u, 2048u}) accepts(journal, under_way, messages);
  for (std::size_t under_way : {64u, 512u, 2048u})
    whole_messages(journal, options.conninfo, under_way, messages);
  return 0;
}
