#include "connectors/tcp/sink.h"

#include "connectors/support/connection_probe.h"
#include "connectors/support/staged_body.h"
#include "engine/core/check.h"

namespace causeway::connectors::tcp {
namespace {

std::string labels(const Name& name) {
  return "channel=\"" + name.channel + "\",destination=\"" + name.end + "\"";
}

Attempt not_sent(Outcome outcome, ErrorKind kind, std::string text) {
  Attempt attempt;
  attempt.outcome = outcome;
  attempt.reason = {kind, "", std::move(text)};
  return attempt;
}

Attempt stopped() {
  return not_sent(Outcome::Deferred, ErrorKind::Stopped, "stopped");
}

}  // namespace

TcpSink::Instruments::Instruments(Metrics& metrics, const Name& name)
    : connections(metrics.gauge("causeway_sink_connections", labels(name))),
      opened(metrics.counter("causeway_sink_connections_total", labels(name))),
      messages(metrics.counter("causeway_sink_messages_total", labels(name))),
      message_bytes(metrics.counter("causeway_sink_message_bytes_total", labels(name))) {}

TcpSink::TcpSink(SinkSettings settings, const Name& name, const Environment& environment)
    : settings_(std::move(settings)),
      name_(name),
      environment_(environment),
      instruments_(environment.metrics, name) {}

TcpSink::~TcpSink() {
  stop(Milliseconds(0));
}

Status TcpSink::start() {
  environment_.loop.run_and_wait([this] { begin(); });
  return Done{};
}

void TcpSink::begin() {
  std::lock_guard lock(mutex_);
  if (inbox_) return;
  stopping_ = false;
  reader_ = std::make_unique<Background>();
  SinkConnection::Host& host = *this;
  for (std::size_t i = 0; i < settings_.connections; ++i)
    connections_.push_back(std::make_unique<SinkConnection>(environment_.loop, settings_, host));
  inbox_ = std::make_shared<Jobs>(environment_.loop, *this);
}

void TcpSink::deliver(StoredDelivery delivery, OnOutcome on_outcome) {
  Job job{std::move(delivery), {}, std::move(on_outcome)};
  std::shared_ptr<Jobs> inbox;
  {
    std::lock_guard lock(mutex_);
    inbox = inbox_;
  }
  if (inbox && inbox->put(std::move(job))) return;
  environment_.loop.post([on_outcome = std::move(job.on_outcome)] { on_outcome(stopped()); });
}

void TcpSink::take(std::vector<Job> jobs) {
  for (auto& job : jobs) {
    if (stopping_)
      job.on_outcome(stopped());
    else
      prepare(std::move(job));
  }
  assign();
}

void TcpSink::prepare(Job job) {
  const auto& body = job.delivery.body;
  if (body.size() > settings_.frame_bytes_max)
    return job.on_outcome(not_sent(Outcome::Rejected, ErrorKind::Limit,
                                   "longer than the destination's frame_bytes_max"));
  if (body.is_staged()) return read_body(std::move(job));
  job.bytes = body.bytes() ? body.bytes() : make_bytes("");
  if (!frame_head(settings_.framing, *job.bytes))
    return job.on_outcome(
        not_sent(Outcome::Rejected, ErrorKind::Invalid,
                 "it can't be framed: it is empty, has the frame's end in it, or is too long"));
  waiting_.push_back(std::move(job));
}

void TcpSink::read_body(Job job) {
  const auto number = next_reading_++;
  const auto body = job.delivery.body;
  reading_.emplace(number, std::move(job));
  std::lock_guard lock(mutex_);
  reader_->run([inbox = inbox_, staging = environment_.staging, body, number] {
    inbox->post([number, bytes = read_staged(staging, body)](TcpSink& self) {
      self.body_read(number, bytes);
    });
  });
}

void TcpSink::body_read(std::uint64_t number, Result<std::string> bytes) {
  auto found = reading_.extract(number);
  if (!found) return;  // stopped meanwhile
  auto job = std::move(found.mapped());
  if (!bytes)
    return job.on_outcome(not_sent(Outcome::Deferred, bytes.error().kind, bytes.error().text));
  job.delivery.body = Body(make_bytes(std::move(*bytes)));
  prepare(std::move(job));
  assign();
}

/// Not recursive: a try that ends at once comes back to the loop here.
void TcpSink::assign() {
  if (std::exchange(assigning_, true)) return;
  while (!waiting_.empty()) {
    auto* connection = free_connection();
    if (!connection) break;
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    instruments_.messages.add();
    instruments_.message_bytes.add(job.bytes->size());
    {
      std::lock_guard lock(mutex_);
      ++busy_;
    }
    connection->send(std::move(job));
  }
  assigning_ = false;
}

SinkConnection* TcpSink::free_connection() {
  SinkConnection* free = nullptr;
  for (const auto& connection : connections_) {
    if (connection->is_busy()) continue;
    if (connection->is_connected()) return connection.get();
    free = connection.get();
  }
  return free;
}

void TcpSink::finished(Job job, Attempt attempt) {
  job.on_outcome(std::move(attempt));
  {
    std::lock_guard lock(mutex_);
    if (--busy_ == 0) all_done_.notify_all();
  }
  assign();
}

void TcpSink::opened() {
  instruments_.connections.add(1);
  instruments_.opened.add();
}

void TcpSink::closed(std::string_view reason) {
  instruments_.connections.add(-1);
  environment_.metrics
      .counter("causeway_sink_connections_closed_total",
               labels(name_) + ",reason=\"" + std::string(reason) + "\"")
      .add();
}

void TcpSink::stop(Milliseconds grace) {
  CHECK(!environment_.loop.on_loop_thread());
  environment_.loop.run_and_wait([this] { begin_stop(); });
  {
    std::unique_lock lock(mutex_);
    all_done_.wait_for(lock, grace, [this] { return busy_ == 0; });
  }
  std::unique_ptr<Background> reader;
  environment_.loop.run_and_wait([&] {
    end_all();
    reader = std::move(reader_);
  });
}

void TcpSink::begin_stop() {
  stopping_ = true;
  for (auto& job : std::exchange(waiting_, {})) job.on_outcome(stopped());
  for (auto& [number, job] : std::exchange(reading_, {})) job.on_outcome(stopped());
  for (const auto& connection : connections_) connection->give_up_unsent();
}

void TcpSink::end_all() {
  for (const auto& connection : connections_) connection->give_up();
  connections_.clear();
  std::shared_ptr<Jobs> inbox;
  {
    std::lock_guard lock(mutex_);
    inbox = std::move(inbox_);
  }
  if (!inbox) return;
  for (auto& job : inbox->close()) job.on_outcome(stopped());
}

Probe TcpSink::probe() {
  return probe_connection(environment_.loop,
                          {settings_.host, settings_.port, settings_.connect_timeout},
                          settings_.tls);
}

std::string TcpSink::address() const {
  return (settings_.tls ? "tcps://" : "tcp://") + host_and_port(settings_.host, settings_.port);
}

}  // namespace causeway::connectors::tcp
