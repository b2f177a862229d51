// One file on its way into the intake: read, cut into records, each offered under the file's name
// for it (its origin), so that reading it again doubles nothing.
//
// A file is named by address, path, size, time and SHA-256 of its content; its messages have the
// attributes file, path, size, modified and sha256.
// So its content is known
// before its first record is offered: a small file is read into memory, a large one is read twice
// (but as a whole message once: it goes into staging). Blocks; used by one thread.
#pragma once

#include "connectors/support/folder/folder.h"
#include "connectors/support/folder/settings.h"
#include "connectors/support/offering.h"
#include "engine/core/store.h"

namespace causeway::connectors::folder {

/// Files up to this size are held in memory while they are read.
inline constexpr std::size_t small_file_bytes = 16 * 1024 * 1024;

/// How it ended.
struct PassageEnd {
  enum class Kind : std::uint8_t {
    Stored,   ///< All that is in it.
    Bad,      ///< It can't be read, or not as it should be: `reason`.
    Changed,  ///< It was being written; nothing of it has been offered.
    Gone,     ///< Somebody took it.
    Later,    ///< A passing trouble: read it again.
  };
  Kind kind = Kind::Stored;
  Error reason;
  Offering::Tally tally;
};

class FilePassage {
 public:
  struct Context {
    const SourceSettings& settings;
    std::string address;  ///< Of the folder.
    BodyStaging* staging = nullptr;
    Intake& intake;
    const Offering::Switches& switches;
  };

  FilePassage(const Context& context, Folder& folder, FileInfo file);

  PassageEnd run();

 private:
  using OnBytes = std::function<Status(std::string_view)>;

  Status pass();
  Status pass_small();
  Status pass_large();
  Status pass_staged();
  Status read(const OnBytes& on_bytes);
  bool is_unchanged();
  void name_after(std::string digest);
  Status split(const std::function<Status(RecordReader&, const RecordReader::OnRecord&)>& feed);
  Status offer_record(std::string_view record);
  Status offer(Body body, Bytes at_hand, std::string_view beginning, std::uint64_t record);
  PassageEnd judged(const Status& passed);

  const Context& context_;
  Folder& folder_;
  const FileInfo file_;
  Offering offering_;
  std::string origin_;
  SharedAttributes attributes_;  // of each of its records
  std::uint64_t records_ = 0;
  std::string problem_;  // of the file as a whole
  bool changed_ = false;
};

}  // namespace causeway::connectors::folder
