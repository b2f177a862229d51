#include "connectors/support/folder/sink.h"

namespace causeway::connectors::folder {

/// One session with the folder, and what is written by it.
class FolderSink::FileSender final : public DeliveryThreads::Sender {
 public:
  FileSender(const FolderSink& sink, const std::atomic<bool>& cut) : sink_(sink), cut_(cut) {}

  Attempt send(const StoredDelivery& delivery) override {
    const FileWriting::Context context{sink_.settings_, sink_.environment_.staging,
                                       sink_.environment_.may_send};
    FileWriting writing(context, delivery);
    const bool kept = session_ != nullptr;
    for (int round = 0;; ++round) {
      if (!session_)
        if (auto opened = open(); !opened)
          return deferred(opened.error(), opened.error().kind != ErrorKind::Stopped);
      auto attempt = writing.run(*session_);
      if (!session_->is_lost()) return attempt;
      session_.reset();
      if (writing.is_open()) return find_out(writing, std::move(attempt));
      // A session that was kept may have been closed while nothing was done.
      if (!kept || round > 0) return attempt;
    }
  }
  void rest() override { session_.reset(); }

 private:
  Status open() {
    auto opened = sink_.opener_->open(cut_);
    if (!opened) return opened.error();
    sink_.sessions_.add();
    session_ = std::move(*opened);
    return Done{};
  }

  Attempt find_out(FileWriting& writing, Attempt attempt) {
    if (!open()) return attempt;
    auto found = writing.find_out(*session_);
    if (session_->is_lost()) session_.reset();
    return found;
  }

  const FolderSink& sink_;
  const std::atomic<bool>& cut_;
  std::unique_ptr<Folder> session_;
};

FolderSink::FolderSink(SinkSettings settings, std::unique_ptr<Opener> opener, const Name& name,
                       const Environment& environment)
    : settings_(std::move(settings)),
      opener_(std::move(opener)),
      environment_(environment),
      sessions_(environment.metrics.counter("causeway_sink_connections_total", sink_labels(name))),
      threads_(
          [this](const std::atomic<bool>& cut) { return std::make_unique<FileSender>(*this, cut); },
          static_cast<std::size_t>(concurrency()), name, environment) {}

/// One file is appended to by one try at a time.
int FolderSink::concurrency() const {
  if (settings_.on_existing == SinkSettings::OnExisting::Append) return 1;
  return static_cast<int>(settings_.connections);
}

Probe FolderSink::probe() {
  std::atomic<bool> never{false};
  auto opened = opener_->open(never);
  if (!opened) return {false, address() + ": " + opened.error().str()};
  auto listed = (*opened)->list("", 1);
  if (!listed) return {false, address() + ": " + listed.error().str()};
  return {true, address() + " can be reached"};
}

}  // namespace causeway::connectors::folder
