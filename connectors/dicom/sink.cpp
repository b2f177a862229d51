#include "connectors/dicom/sink.h"

#include "connectors/dicom/echo.h"
#include "engine/config/value.h"
#include "engine/core/limits.h"
#include "engine/formats/dicom/file.h"

namespace causeway::connectors::dicom {
namespace {

/// Of what isn't stored: queries, steps, reports.
constexpr std::uint64_t request_bytes_max = config::json_bytes_max;

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

DicomSink::DicomSink(SinkSettings settings, const Name& name, const Environment& environment)
    : PooledSink(settings.connections, name, environment), settings_(std::move(settings)) {}

std::unique_ptr<SinkConnection> DicomSink::make_connection() {
  Host& host = *this;
  return std::make_unique<SinkConnection>(environment().loop, settings_, host);
}

void DicomSink::prepare(Job job) {
  auto& body = job.delivery.body;
  if (!body.is_staged()) {
    if (!body.bytes()) body = Body(make_bytes({}));
    const auto bytes = body.bytes();
    return look_at(std::move(job), *bytes);
  }
  if (needs_whole_body(job.delivery, settings_)) {
    if (body.size() > request_bytes_max)
      return job.on_outcome(
          not_sent(Outcome::Rejected, {ErrorKind::Limit, "", "longer than a request can be"}));
    return read_body(std::move(job));
  }
  auto read_head = [staging = environment().staging, body] {
    return read_part(staging, body, 0, causeway::dicom::file_head_bytes_max);
  };
  read_apart(std::move(job), read_head,
             [](DicomSink& self, Job back, const Result<std::string>& bytes) {
               self.look_at(std::move(back), *bytes);
             });
}

/// `begin`: the first bytes of the body.
void DicomSink::look_at(Job job, std::string_view begin) {
  if (auto read = read_request(begin, settings_, job); !read)
    return job.on_outcome(
        not_sent(Outcome::Rejected, {ErrorKind::Invalid, "", read.error().str()}));
  line_up(std::move(job));
}

void DicomSink::read(SinkConnection& from, std::uint64_t offset) {
  auto part = [staging = environment().staging, body = from.body(), offset] {
    return read_part(staging, body, offset, limits::staged_chunk_bytes);
  };
  read_beside(part, [place = place_of(from), sending = from.sending()](
                        DicomSink& self, const Result<std::string>& bytes) {
    if (place < self.connections().size()) self.connections()[place]->more(sending, bytes);
  });
}

std::size_t DicomSink::place_of(const SinkConnection& connection) const {
  std::size_t place = 0;
  while (connections()[place].get() != &connection) ++place;
  return place;
}

/// One whose association takes this kind of object, before one that has none, before one whose
/// association must end for it.
SinkConnection* DicomSink::free_connection(const Job& job) {
  SinkConnection* free = nullptr;
  for (const auto& connection : connections()) {
    if (connection->is_busy()) continue;
    if (connection->takes(job.kind)) return connection.get();
    if (!free || !connection->is_connected()) free = connection.get();
  }
  return free;
}

void DicomSink::send(SinkConnection& connection, Job job) {
  note_begun(job);
  connection.send(std::move(job));
}

Probe DicomSink::probe() {
  return echo(environment().loop, settings_);
}

std::string DicomSink::address() const {
  return (settings_.tls ? "dicoms://" : "dicom://") + host_and_port(settings_.host, settings_.port);
}

}  // namespace causeway::connectors::dicom
