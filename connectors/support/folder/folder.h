// A folder with files, wherever it is: on this machine, behind SFTP or FTP. What a source polls and
// a sink writes to; each protocol is one small adapter of this.
//
// One session: used by one thread at a time, and every call may block up to the adapter's
// time-outs, or until the flag it was opened with is set. Paths are relative to the configured
// folder, with '/' between names. A relative path with an empty name, "." or ".." is refused, and
// no symbolic link is followed below the folder, so that no file's name leads out of it. A path
// that begins with '/' comes from the configuration alone, and is taken as it is.
//
// Errors: NotFound; NotPermitted; Conflict (it exists); Limit; Stopped; Unavailable and TimedOut
// (the disk is full, the connection gone). Texts hold file names: sealed when stored, never logged.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/support/utc_text.h"
#include "engine/core/ids.h"
#include "engine/core/result.h"

namespace causeway::connectors::folder {

struct FileInfo {
  std::string path;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  ///< Since 1970, by the clock of who keeps the file.
  bool is_folder = false;
  bool operator==(const FileInfo&) const = default;
};

class Folder {
 public:
  /// An open file; outlived by its folder.
  class Reader {
   public:
    virtual ~Reader() = default;
    virtual Result<std::size_t> read(char* to, std::size_t room) = 0;  ///< 0: the end.
  };
  /// Destroyed without `finish`: what was written may be there in part.
  class Writer {
   public:
    virtual ~Writer() = default;
    virtual Status write(std::string_view bytes) = 0;
    virtual Status finish() = 0;  ///< The bytes are durable, as far as the protocol can say so.
  };
  enum class OnExisting : std::uint8_t { Refuse, Replace };

  virtual ~Folder() = default;

  /// Files and folders directly in it ("" is the folder itself), at most `most`; no links, no
  /// devices.
  virtual Result<std::vector<FileInfo>> list(const std::string& path, std::size_t most) = 0;
  virtual Result<FileInfo> look(const std::string& path) = 0;
  virtual Result<std::unique_ptr<Reader>> open(const std::string& path) = 0;
  /// A new file, or an emptied one.
  virtual Result<std::unique_ptr<Writer>> create(const std::string& path) = 0;
  /// Goes on behind the first `size` bytes, and cuts off what follows; made if it isn't there.
  virtual Result<std::unique_ptr<Writer>> extend(const std::string& path, std::uint64_t size) = 0;
  /// Refuse: Conflict if `to` exists.
  virtual Status rename(const std::string& from, const std::string& to, OnExisting existing) = 0;
  virtual Status remove(const std::string& path) = 0;
  /// With those above it; those that exist are no error.
  virtual Status make_folders(const std::string& path) = 0;
  /// The names in a folder are durable; nothing where the protocol has no word for it.
  virtual Status sync_names(const std::string& path) = 0;

  /// The session is over, and what was asked last may have happened or not.
  virtual bool is_lost() const = 0;
  /// Called every now and then while nothing else is: false, the session is over.
  virtual bool keep_alive() = 0;
};

/// Opens a session. Thread-safe. Errors: Unavailable, TimedOut, NotPermitted, Refused (the other
/// side is not who it should be).
class Opener {
 public:
  virtual ~Opener() = default;
  /// Once `stop` is set, this and all that is asked of the session ends soon, with Stopped. It
  /// outlives the session.
  virtual Result<std::unique_ptr<Folder>> open(const std::atomic<bool>& stop) = 0;
  /// "file:///var/in", "sftp://host:22/in".
  virtual std::string address() const = 0;
};

/// "a/b/c" → "a/b" and "c"; "c" → "" and "c".
std::string parent_of(std::string_view path);
std::string name_of(std::string_view path);
std::string joined(std::string_view folder, std::string_view name);
/// Invalid for an empty path, an empty name, ".", "..", a NUL or a path of more than 4 KiB.
Status check_relative(std::string_view path);
/// For display: what is no printable UTF-8 as '?'.
std::string printable(std::string_view name);

}  // namespace causeway::connectors::folder
