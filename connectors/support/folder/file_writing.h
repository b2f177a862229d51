// One delivery on its way into a file: under a temporary name, made durable, then renamed; or
// behind what is in the file already. Blocks; used by one thread.
//
// The same delivery always has the same names, so a later try finds what an earlier one left: the
// file with the same content is Delivered and not written twice, a part of it is written over.
// Until the rename nothing is visible, and any failure is Deferred.
#pragma once

#include "connectors/support/folder/folder.h"
#include "connectors/support/folder/settings.h"
#include "engine/core/outcome.h"
#include "engine/core/store.h"

namespace causeway::connectors::folder {

using OnBytes = std::function<Status(std::string_view)>;
/// A delivery's bytes, piece by piece where they are staged.
Status read_body(const Body& body, BodyStaging* staging, const OnBytes& on_bytes);
/// "ID-PART": the same at each try.
std::string delivery_name(const WorkRef& work);
/// The file's path by its template. Limit: too long.
Result<std::string> file_path(const NameTemplate& name, const StoredDelivery& delivery,
                              BodyStaging* staging);
Attempt not_delivered(Outcome outcome, const Error& error, const Folder& folder);

class FileWriting {
 public:
  struct Context {
    const SinkSettings& settings;
    BodyStaging* staging = nullptr;
    const std::function<bool()>& may_send;
  };

  FileWriting(const Context& context, const StoredDelivery& delivery)
      : context_(context), delivery_(delivery) {}

  Attempt run(Folder& folder);
  /// After a session was lost in the middle: what became of it, as another one finds it.
  Attempt find_out(Folder& folder);
  /// The session was lost when the name may have been given already.
  bool is_open() const { return open_; }

 private:
  Attempt write_new(Folder& folder);
  Attempt append(Folder& folder);
  Status write_temporary(Folder& folder, const std::string& path);
  Attempt give_name(Folder& folder, const std::string& temporary);
  Result<bool> is_there(Folder& folder);
  Result<std::uint64_t> append_from(Folder& folder, std::uint64_t size);
  Result<bool> continues(Folder& folder, std::uint64_t from, std::uint64_t size);
  Status note_append(Folder& folder, std::uint64_t from);
  Status read_body(const OnBytes& on_bytes) const;
  Status name();
  std::string delivery_name() const { return folder::delivery_name(delivery_.work); }
  Attempt delivered() const;

  const Context& context_;
  const StoredDelivery& delivery_;
  std::string path_;
  bool open_ = false;
};

}  // namespace causeway::connectors::folder
