#include "connectors/dicom/sink.h"

#include "connectors/dicom/echo.h"
#include "engine/core/check.h"
#include "engine/core/limits.h"

namespace causeway::connectors::dicom {
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

/// Up to `bytes` of a staged body.
Result<std::string> read_part(BodyStaging* staging, const Body& body, std::uint64_t offset,
                              std::size_t bytes) {
  if (!staging) return Error{ErrorKind::Unavailable, "", "no store to read a staged body from"};
  const auto most = std::min<std::uint64_t>(bytes, body.size() - offset);
  if (most == 0) return std::string();
  auto part = staging->read(body.staged(), offset, static_cast<std::size_t>(most));
  if (part && part->empty())
    return Error{ErrorKind::Damaged, "", "a staged body is shorter than it says"};
  return part;
}

}  // namespace

DicomSink::Instruments::Instruments(Metrics& metrics, const Name& name)
    : connections(metrics.gauge("causeway_sink_connections", labels(name))),
      opened(metrics.counter("causeway_sink_connections_total", labels(name))),
      messages(metrics.counter("causeway_sink_messages_total", labels(name))),
      message_bytes(metrics.counter("causeway_sink_message_bytes_total", labels(name))) {}

DicomSink::DicomSink(SinkSettings settings, const Name& name, const Environment& environment)
    : settings_(std::move(settings)),
      name_(name),
      environment_(environment),
      instruments_(environment.metrics, name) {}

DicomSink::~DicomSink() {
  stop(Milliseconds(0));
}

Status DicomSink::start() {
  environment_.loop.run_and_wait([this] { begin(); });
  return Done{};
}

void DicomSink::begin() {
  std::lock_guard lock(mutex_);
  if (inbox_) return;
  stopping_ = false;
  reader_ = std::make_unique<Background>();
  SinkConnection::Host& host = *this;
  for (std::size_t i = 0; i < settings_.connections; ++i)
    connections_.push_back(std::make_unique<SinkConnection>(environment_.loop, settings_, host));
  inbox_ = std::make_shared<Jobs>(environment_.loop, *this);
}

void DicomSink::deliver(StoredDelivery delivery, OnOutcome on_outcome) {
  Job job;
  job.delivery = std::move(delivery);
  job.on_outcome = std::move(on_outcome);
  std::shared_ptr<Jobs> inbox;
  {
    std::lock_guard lock(mutex_);
    inbox = inbox_;
  }
  if (inbox && inbox->put(std::move(job))) return;
  environment_.loop.post([on_outcome = std::move(job.on_outcome)] { on_outcome(stopped()); });
}

void DicomSink::take(std::vector<Job> jobs) {
  for (auto& job : jobs) {
    if (stopping_)
      job.on_outcome(stopped());
    else
      prepare(std::move(job));
  }
  assign();
}

void DicomSink::prepare(Job job) {
  if (job.delivery.body.is_staged()) return read_head(std::move(job));
  if (!job.delivery.body.bytes()) job.delivery.body = Body(make_bytes({}));
  const auto bytes = job.delivery.body.bytes();
  line_up(std::move(job), *bytes);
}

/// `begin`: the first bytes of the body.
void DicomSink::line_up(Job job, std::string_view begin) {
  auto head = causeway::dicom::read_file_head(begin);
  if (!head)
    return job.on_outcome(not_sent(Outcome::Rejected, ErrorKind::Invalid, head.error().str()));
  if (!causeway::dicom::is_uid(head->sop_class) || !causeway::dicom::is_uid(head->sop_instance))
    return job.on_outcome(not_sent(Outcome::Rejected, ErrorKind::Invalid,
                                   "the file's meta group doesn't say its SOP class and instance"));
  job.kind = {std::move(head->sop_class), std::move(head->transfer_syntax)};
  job.sop_instance = std::move(head->sop_instance);
  job.data_set_begin = head->data_set_begin;
  waiting_.push_back(std::move(job));
}

void DicomSink::read_head(Job job) {
  const auto number = next_reading_++;
  const auto body = job.delivery.body;
  reading_.emplace(number, std::move(job));
  std::lock_guard lock(mutex_);
  reader_->run([inbox = inbox_, staging = environment_.staging, body, number] {
    auto bytes = read_part(staging, body, 0, causeway::dicom::file_head_bytes_max);
    inbox->post(
        [number, bytes = std::move(bytes)](DicomSink& self) { self.head_read(number, bytes); });
  });
}

void DicomSink::head_read(std::uint64_t number, const Result<std::string>& bytes) {
  auto found = reading_.extract(number);
  if (!found) return;  // stopped meanwhile
  auto job = std::move(found.mapped());
  if (!bytes)
    return job.on_outcome(not_sent(Outcome::Deferred, bytes.error().kind, bytes.error().text));
  line_up(std::move(job), *bytes);
  assign();
}

void DicomSink::read(SinkConnection& from, std::uint64_t offset) {
  const auto place = place_of(from);
  std::lock_guard lock(mutex_);
  reader_->run([inbox = inbox_, staging = environment_.staging, body = from.body(), offset, place,
                sending = from.sending()] {
    auto bytes = read_part(staging, body, offset, limits::staged_chunk_bytes);
    inbox->post([place, sending, bytes = std::move(bytes)](DicomSink& self) {
      if (place < self.connections_.size()) self.connections_[place]->more(sending, bytes);
    });
  });
}

std::size_t DicomSink::place_of(const SinkConnection& connection) const {
  std::size_t place = 0;
  while (connections_[place].get() != &connection) ++place;
  return place;
}

/// Not recursive: a try that ends at once comes back to the loop here.
void DicomSink::assign() {
  if (std::exchange(assigning_, true)) return;
  while (!waiting_.empty()) {
    auto* connection = free_connection(waiting_.front().kind);
    if (!connection) break;
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    instruments_.messages.add();
    instruments_.message_bytes.add(job.delivery.body.size());
    {
      std::lock_guard lock(mutex_);
      ++busy_;
    }
    connection->send(std::move(job));
  }
  assigning_ = false;
}

/// One whose association takes this kind of object, before one that has none, before one whose
/// association must end for it.
SinkConnection* DicomSink::free_connection(const ObjectKind& kind) {
  SinkConnection* free = nullptr;
  for (const auto& connection : connections_) {
    if (connection->is_busy()) continue;
    if (connection->takes(kind)) return connection.get();
    if (!free || !connection->is_connected()) free = connection.get();
  }
  return free;
}

void DicomSink::finished(Job job, Attempt attempt) {
  job.on_outcome(std::move(attempt));
  {
    std::lock_guard lock(mutex_);
    if (--busy_ == 0) all_done_.notify_all();
  }
  assign();
}

void DicomSink::opened() {
  instruments_.connections.add(1);
  instruments_.opened.add();
}

void DicomSink::closed(std::string_view reason) {
  instruments_.connections.add(-1);
  environment_.metrics
      .counter("causeway_sink_connections_closed_total",
               labels(name_) + ",reason=\"" + std::string(reason) + "\"")
      .add();
}

void DicomSink::stop(Milliseconds grace) {
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

void DicomSink::begin_stop() {
  stopping_ = true;
  for (auto& job : std::exchange(waiting_, {})) job.on_outcome(stopped());
  for (auto& [number, job] : std::exchange(reading_, {})) job.on_outcome(stopped());
  for (const auto& connection : connections_) connection->give_up_unsent();
}

void DicomSink::end_all() {
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

Probe DicomSink::probe() {
  return echo(environment_.loop, settings_);
}

std::string DicomSink::address() const {
  return (settings_.tls ? "dicoms://" : "dicom://") + host_and_port(settings_.host, settings_.port);
}

}  // namespace causeway::connectors::dicom
