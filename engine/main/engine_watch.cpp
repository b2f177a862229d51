#include "engine/main/engine_watch.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/statvfs.h>

#include <cstdio>
#include <ctime>

#include "connectors/registry.h"

namespace causeway {
namespace {

/// What waits in a queue, but for what is parked: nobody waits for that.
std::optional<SystemTime> oldest_of(const store::QueueView& view) {
  std::optional<SystemTime> oldest;
  for (const auto& [state, part] : view.parts)
    if (state != AttentionState::Parked && (!oldest || part.since < *oldest)) oldest = part.since;
  return oldest;
}

std::uint64_t held_in(const store::QueueView& view) {
  const auto at = view.parts.find(AttentionState::Held);
  return at == view.parts.end() ? 0 : at->second.rows;
}

std::optional<SystemTime> time_of(MessageId id) {
  if (!id) return std::nullopt;
  return SystemTime(Milliseconds(unix_ms_of(id)));
}

std::optional<SystemTime> earlier(std::optional<SystemTime> a, std::optional<SystemTime> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

observe::ChannelSituation situation_of(const channel::ChannelView& view) {
  observe::ChannelSituation channel;
  channel.path = view.path;
  channel.failure = view.why;
  const bool reads = view.parts.empty() || view.parts.front().name != "source" ||
                     view.parts.front().state == channel::PartState::Started;
  channel.working = view.state == channel::PartState::Started && reads;
  if (view.last_received.time_since_epoch().count() != 0)
    channel.last_received = view.last_received;
  return channel;
}

observe::DestinationSituation& destination_in(observe::ChannelSituation& channel,
                                              const std::string& name) {
  for (auto& each : channel.destinations)
    if (each.name == name) return each;
  channel.destinations.push_back({name, false, 0, {}});
  return channel.destinations.back();
}

/// Files of certificates among a connector's settings, by the field's name.
void certificate_files(const config::Fields& fields, const config::Parsed& parsed,
                       std::vector<std::string>& files) {
  for (const auto& field : fields) {
    if (field.type() == config::FieldType::Object && field.members() && parsed.given(field.name()))
      certificate_files(*field.members(), parsed.object(field.name()), files);
    if (field.name() != "certificate_file") continue;
    if (auto file = parsed.text(field.name()); !file.empty()) files.push_back(std::move(file));
  }
}

}  // namespace

Result<SystemTime> certificate_expiry(const std::filesystem::path& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(std::fopen(file.c_str(), "re"),
                                                               &std::fclose);
  if (!opened) return Error{ErrorKind::NotFound, file.string(), "can't be read"};
  const std::unique_ptr<X509, void (*)(X509*)> certificate(
      PEM_read_X509(opened.get(), nullptr, nullptr, nullptr), &X509_free);
  std::tm expires{};
  if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &expires) != 1)
    return Error{ErrorKind::Invalid, file.string(), "is no certificate in PEM"};
  return SystemTime(std::chrono::seconds(::timegm(&expires)));
}

EngineWatch::EngineWatch(Parts parts)
    : parts_(std::move(parts)), names_(parts_.registry), started_(parts_.clock.now()) {}

observe::Situation EngineWatch::look() {
  observe::Situation situation;
  situation.at = parts_.clock.now();
  situation.steady = parts_.clock.steady();
  situation.engine_started = started_;
  situation.unclean_start = parts_.unclean_start;
  for (const auto& view : parts_.channels.views()) {
    situation.channels.push_back(situation_of(view));
    add_counts(situation.channels.back());
    add_certificates(view.path, situation.certificates);
  }
  add_waiting(situation.channels);
  add_certificate("", "admin API", parts_.api_certificate, situation.certificates);
  struct statvfs disk {};
  if (::statvfs(parts_.data_folder.c_str(), &disk) == 0) {
    situation.disk_bytes = static_cast<std::uint64_t>(disk.f_blocks) * disk.f_frsize;
    situation.disk_free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  }
  return situation;
}

/// From memory what is being worked on, from `attention` what stands still. While the database is
/// away, the former alone.
void EngineWatch::add_waiting(std::vector<observe::ChannelSituation>& channels) {
  std::map<std::string, observe::ChannelSituation*> by_path;
  for (auto& channel : channels) by_path[channel.path] = &channel;
  for (auto* running : parts_.channels.channels()) {
    const auto at = by_path.find(running->path());
    if (at == by_path.end()) continue;
    const auto figures = running->figures();
    at->second->oldest_run = time_of(figures.runs.oldest);
    for (const auto& [name, queue] : figures.destinations) {
      auto& destination = destination_in(*at->second, name);
      destination.down = queue.down;
      destination.oldest = time_of(queue.oldest);
    }
  }
  auto views = parts_.queues.queues();
  if (!views) return;
  for (const auto& view : *views) {
    const auto at = by_path.find(names_.channel(view.queue.channel));
    if (at == by_path.end()) continue;
    auto& channel = *at->second;
    if (!view.queue.destination) {
      channel.runs_held = held_in(view);
      channel.oldest_run = earlier(channel.oldest_run, oldest_of(view));
      continue;
    }
    auto& destination = destination_in(channel, names_.destination(view.queue.destination));
    destination.lanes_held = held_in(view);
    destination.oldest = earlier(destination.oldest, oldest_of(view));
  }
}

void EngineWatch::add_counts(observe::ChannelSituation& channel) const {
  const auto label = "channel=\"" + channel.path + "\"";
  auto& metrics = parts_.metrics;
  channel.received = metrics.counter("causeway_messages_received_total", label).value();
  channel.failed = metrics.counter("causeway_runs_failed_total", label).value() +
                   metrics.counter("causeway_deliveries_troubled_total", label).value();
  const auto& commits = metrics.histogram("causeway_commit_seconds", label);
  for (std::size_t i = 0; i < channel.commits.size(); ++i) channel.commits[i] = commits.count(i);
}

void EngineWatch::add_certificates(const std::string& path,
                                   std::vector<observe::CertificateSituation>& found) {
  const auto version = parts_.channels.version(path);
  if (!version) return;
  const auto look = [&](const std::string& end, const std::string& type,
                        const config::Parsed& settings, bool is_source) {
    const auto* kind = connectors::find_kind(type);
    const auto* fields = kind ? (is_source ? kind->source_fields : kind->sink_fields) : nullptr;
    std::vector<std::string> files;
    if (fields) certificate_files(*fields, settings, files);
    for (const auto& file : files) add_certificate(path, path + " " + end, file, found);
  };
  const auto& config = version->config;
  if (version->source) look("source", config.source.type, config.source.settings, true);
  for (const auto& each : config.destinations) look(each.name, each.type, each.settings, false);
}

void EngineWatch::add_certificate(const std::string& channel, const std::string& what,
                                  const std::string& file,
                                  std::vector<observe::CertificateSituation>& found) {
  if (file.empty()) return;
  std::error_code missing;
  const auto written = std::filesystem::last_write_time(file, missing);
  if (missing) return;
  auto at = certificates_.find(file);
  if (at == certificates_.end() || at->second.written != written)
    at = certificates_.insert_or_assign(file, Read{written, certificate_expiry(file)}).first;
  if (at->second.expires) found.push_back({channel, what, *at->second.expires});
}

}  // namespace causeway
