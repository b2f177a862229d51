// Polls a folder, and offers what is in its files. One for each source of a channel, whatever the
// protocol.
//
// The public methods are thread-safe; everything else is of one thread of its own, which may block
// on the folder and on the intake. Names of files stay out of logs and metrics.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "connectors/support/connector.h"
#include "connectors/support/folder/afterwards.h"
#include "connectors/support/folder/selection.h"

namespace causeway::connectors::folder {

class FolderSource final : public Source {
 public:
  FolderSource(SourceSettings settings, std::unique_ptr<Opener> opener, const Name& name,
               const Environment& environment);
  ~FolderSource() override;

  Status start(Intake& intake) override;
  void stop(Milliseconds grace) override;
  void pause(bool paused) override { switches_.held = paused; }
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

  void work();
  void wait(Milliseconds longest);
  /// One look, and the files it finds. How long to wait for the next.
  Milliseconds look(Selection& selection);
  Milliseconds until_next(const Selection::Found& found) const;
  bool open_folder();
  void look_failed(const Error& error);
  Milliseconds retry_pause() const;
  /// False: the rest of this look is void.
  bool take(Selection& selection, const FileInfo& file);
  bool settle(Selection& selection, const FileInfo& file, const PassageEnd& end);
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
  Offering::Switches switches_;

  // Of the thread
  Intake* intake_ = nullptr;
  std::unique_ptr<Folder> folder_;
  bool away_ = false;  // the last look failed
  std::vector<std::pair<FileInfo, PassageEnd>> unmoved_;

  std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  std::thread thread_;
  bool ended_ = true;
};

}  // namespace causeway::connectors::folder
