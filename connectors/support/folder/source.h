// Polls a folder, and offers what is in its files. One for each source of a channel, whatever the
// protocol.
//
// The public methods are thread-safe; everything else is of one thread of its own, which may block
// on the folder and on the intake. Names of files stay out of logs and metrics.
#pragma once

#include "connectors/support/connector.h"
#include "connectors/support/folder/afterwards.h"
#include "connectors/support/folder/selection.h"
#include "connectors/support/polling_thread.h"

namespace causeway::connectors::folder {

class FolderSource final : public Source, private PollingThread::Looker {
 public:
  FolderSource(SourceSettings settings, std::unique_ptr<Opener> opener, const Name& name,
               const Environment& environment);
  ~FolderSource() override { stop(Milliseconds(0)); }

  Status start(Intake& intake) override;
  void stop(Milliseconds grace) override { thread_.stop(grace); }
  void pause(bool paused) override { thread_.pause(paused); }
  Probe probe() override;
  std::string address() const override { return opener_->address(); }
  /// Nobody waits for an answer to a file.
  std::string compose_reply(std::string_view, const Verdict&) const override { return {}; }

 private:
  struct Instruments {
    Instruments(Metrics& metrics, const std::string& channel);
    Counter& looks_failed;
    Counter& messages;
    Counter& again;
    Counter& bytes;
    Gauge& waiting;
  };

  /// One look, and the files it finds.
  Milliseconds look(Intake& intake) override;
  void rest() override;
  void close() override { folder_.reset(); }
  Milliseconds until_next(const Selection::Found& found) const;
  bool open_folder();
  void look_failed(const Error& error);
  Milliseconds retry_pause() const;
  /// False: the rest of this look is void.
  bool take(Intake& intake, const FileInfo& file);
  bool settle(const FileInfo& file, const PassageEnd& end);
  Status move(const FileInfo& file, const PassageEnd& end);
  /// Files that could not be moved when they had been read.
  void move_unmoved();
  void count(std::string_view result, const FileInfo& file, const PassageEnd& end);

  const SourceSettings settings_;
  const std::unique_ptr<Opener> opener_;
  const Name name_;
  const Environment environment_;
  Instruments instruments_;
  const Afterwards afterwards_;

  // Of the thread
  Selection selection_;
  std::unique_ptr<Folder> folder_;
  bool away_ = false;  // the last look failed
  std::vector<std::pair<FileInfo, PassageEnd>> unmoved_;

  PollingThread thread_;
};

}  // namespace causeway::connectors::folder
