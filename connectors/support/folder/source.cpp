#include "connectors/support/folder/source.h"

namespace causeway::connectors::folder {
namespace {

constexpr Milliseconds retry_after{10'000};  // after a look that failed
/// A session that would stand idle for longer is closed.
constexpr Milliseconds idle_longest{60'000};
constexpr std::size_t probed_max = 10'000;
constexpr std::size_t unmoved_max = 1000;

std::string label_of(const std::string& channel) {
  return "channel=\"" + channel + "\"";
}

std::set<std::string> spared_folders(const SourceSettings& settings) {
  return {settings.done_folder, settings.failed_folder};
}

}  // namespace

FolderSource::Instruments::Instruments(Metrics& metrics, const std::string& channel)
    : looks_failed(metrics.counter("causeway_source_looks_failed_total", label_of(channel))),
      messages(metrics.counter("causeway_source_messages_total", label_of(channel))),
      again(metrics.counter("causeway_source_messages_again_total", label_of(channel))),
      bytes(metrics.counter("causeway_source_file_bytes_total", label_of(channel))),
      waiting(metrics.gauge("causeway_source_files_waiting", label_of(channel))) {}

FolderSource::FolderSource(SourceSettings settings, std::unique_ptr<Opener> opener,
                           const Name& name, const Environment& environment)
    : settings_(std::move(settings)),
      opener_(std::move(opener)),
      name_(name),
      environment_(environment),
      instruments_(environment.metrics, name.channel),
      afterwards_(settings_, environment.clock),
      selection_(settings_.selection, spared_folders(settings_)),
      thread_(*this) {}

Status FolderSource::start(Intake& intake) {
  const auto first =
      settings_.times.cron ? settings_.times.until_next(environment_.clock.now()) : Milliseconds(0);
  if (thread_.start(intake, first))
    environment_.log.info("source_polling", {{"channel", name_.channel}, {"address", address()}});
  return Done{};
}

void FolderSource::rest() {
  if (folder_ && !folder_->keep_alive()) folder_.reset();
}

Milliseconds FolderSource::look(Intake& intake) {
  if (!folder_ && !open_folder()) return retry_pause();
  auto found = selection_.look(*folder_, environment_.clock);
  if (!found && folder_->is_lost()) {
    // It may have been closed while it stood idle.
    folder_.reset();
    if (!open_folder()) return retry_pause();
    found = selection_.look(*folder_, environment_.clock);
  }
  if (!found) {
    look_failed(found.error());
    return retry_pause();
  }
  if (std::exchange(away_, false))
    environment_.log.info("source_folder_back", {{"channel", name_.channel}});
  if (found->more) environment_.log.warn("source_folder_too_full", {{"channel", name_.channel}});
  move_unmoved();
  auto left = found->ready.size();
  for (const auto& file : found->ready) {
    instruments_.waiting.set(static_cast<std::int64_t>(found->waiting + left--));
    if (thread_.switches().stop || !take(intake, file)) break;
  }
  instruments_.waiting.set(static_cast<std::int64_t>(found->waiting + left));
  const auto pause = until_next(*found);
  if (pause > idle_longest) folder_.reset();
  return pause;
}

Milliseconds FolderSource::until_next(const Selection::Found& found) const {
  auto pause = settings_.times.until_next(environment_.clock.now());
  // A file that has just come is looked at again when it may be ready.
  if (found.waiting > 0 || found.more)
    pause = std::min(pause, std::max(settings_.selection.stable, Milliseconds(100)));
  return pause;
}

bool FolderSource::open_folder() {
  auto opened = opener_->open(thread_.switches().cut);
  if (opened) {
    folder_ = std::move(*opened);
    return true;
  }
  look_failed(opened.error());
  return false;
}

Milliseconds FolderSource::retry_pause() const {
  return std::min(retry_after, settings_.times.interval);
}

void FolderSource::look_failed(const Error& error) {
  folder_.reset();
  if (error.kind == ErrorKind::Stopped) return;
  instruments_.looks_failed.add();
  if (!std::exchange(away_, true))
    environment_.log.warn("source_folder_away", {{"channel", name_.channel},
                                                 {"kind", std::string(to_string(error.kind))}});
}

bool FolderSource::take(Intake& intake, const FileInfo& file) {
  const FilePassage::Context context{settings_, address(), environment_.staging, intake,
                                     thread_.switches()};
  FilePassage passage(context, *folder_, file);
  return settle(file, passage.run());
}

bool FolderSource::settle(const FileInfo& file, const PassageEnd& end) {
  using Kind = PassageEnd::Kind;
  if (end.kind == Kind::Later) {
    if (end.reason.kind != ErrorKind::Stopped) count("deferred", file, end);
    if (folder_->is_lost()) folder_.reset();
    return false;
  }
  if (end.kind == Kind::Gone || end.kind == Kind::Changed) {
    count(end.kind == Kind::Gone ? "gone" : "changed", file, end);
    selection_.changed(file);
    return true;
  }
  // Whatever becomes of it now, it isn't read again as it is.
  selection_.done_with(file);
  count(end.kind == Kind::Stored ? "stored" : "failed", file, end);
  if (end.kind == Kind::Bad)
    environment_.log.error("source_file_failed", {{"channel", name_.channel},
                                                  {"kind", std::string(to_string(end.reason.kind))},
                                                  {"stored", std::to_string(end.tally.stored)}});
  if (move(file, end)) return true;
  environment_.log.error("source_file_not_moved", {{"channel", name_.channel}});
  if (unmoved_.size() < unmoved_max) unmoved_.emplace_back(file, end);
  if (!folder_->is_lost()) return true;
  folder_.reset();
  return false;
}

/// What somebody has taken meanwhile is settled.
Status FolderSource::move(const FileInfo& file, const PassageEnd& end) {
  auto moved = end.kind == PassageEnd::Kind::Stored ? afterwards_.succeeded(*folder_, file)
                                                    : afterwards_.failed(*folder_, file, end);
  if (!moved && moved.error().kind == ErrorKind::NotFound) return Done{};
  return moved;
}

void FolderSource::move_unmoved() {
  std::erase_if(unmoved_, [this](const auto& each) {
    const auto now = folder_->look(each.first.path);
    if (!now) return now.error().kind == ErrorKind::NotFound;
    return *now != each.first || move(each.first, each.second).ok();
  });
}

void FolderSource::count(std::string_view result, const FileInfo& file, const PassageEnd& end) {
  environment_.metrics
      .counter("causeway_source_files_total",
               label_of(name_.channel) + ",result=\"" + std::string(result) + "\"")
      .add();
  instruments_.messages.add(end.tally.stored - end.tally.again);
  instruments_.again.add(end.tally.again);
  if (end.kind == PassageEnd::Kind::Stored) instruments_.bytes.add(file.size);
}

Probe FolderSource::probe() {
  if (!thread_.is_running()) return {false, "not polling"};
  std::atomic<bool> never{false};
  auto opened = opener_->open(never);
  if (!opened) return {false, address() + ": " + opened.error().str()};
  auto entries = (*opened)->list("", probed_max);
  if (!entries) return {false, address() + ": " + entries.error().str()};
  const auto files = std::count_if(entries->begin(), entries->end(), [this](const FileInfo& each) {
    return !each.is_folder && is_wanted(settings_.selection, each.path);
  });
  return {true, address() + " can be read, " + std::to_string(files) + " files wait" +
                    (thread_.is_paused() ? ", paused" : "")};
}

}  // namespace causeway::connectors::folder
