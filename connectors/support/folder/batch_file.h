// Many deliveries into one file: an HL7 v2 batch, written under a hidden name and renamed when it
// is complete, by messages, bytes or age. Blocks; used by one thread.
//
// A delivery counts as delivered once it stands, durably, in the open batch. A ledger beside it
// says which deliveries those are, and where each begins: so after a kill at any point a later try
// finds what an earlier one left, a part of a message is written over, and a batch that was being
// closed is closed to its end. The ledger also remembers the last `remembered_max` deliveries of
// batches that are gone already, for those whose outcome a kill has taken away. Standard: HL7 v2.x
// chapter 2.10.3 (batch protocol).
#pragma once

#include <deque>
#include <unordered_map>

#include "connectors/support/folder/file_writing.h"
#include "engine/core/clock.h"

namespace causeway::connectors::folder {

class BatchFile {
 public:
  static constexpr std::size_t remembered_max = 10'000;

  struct Context {
    const SinkSettings& settings;  ///< With `batch`.
    std::string label;             ///< Names its two hidden files: one for each destination.
    BodyStaging* staging = nullptr;
    const Clock& clock;
    const std::function<bool()>& may_send;
  };
  explicit BatchFile(Context context) : context_(std::move(context)) {}

  /// Reads what there is, and ends a closing that was cut off.
  Status load(Folder& folder);
  /// Closes the batch before or after, if it is full. Ambiguous: the session was lost while it was
  /// being written; then `find_out` says by another session what became of it.
  Attempt add(Folder& folder, const StoredDelivery& delivery);
  Attempt find_out(Folder& folder, const StoredDelivery& delivery);
  /// Gives the open batch its trailer and its name; nothing, if there is none.
  Status close(Folder& folder);

  /// What is known of the folder may be wrong: a session was lost.
  void forget() { loaded_ = false; }
  bool is_loaded() const { return loaded_; }
  /// When the open batch is to be closed; nullopt: there is none.
  std::optional<SystemTime> due_at() const;

 private:
  struct Entry {
    std::string delivery;
    std::string digest;
  };
  struct Open {
    std::string path;
    SystemTime begun;
    std::uint64_t size = 0;  // up to the end of the last message
    std::size_t messages = 0;
    bool closing = false;
  };
  /// A body as it will stand in the batch.
  struct Text {
    std::string head;  // the batch's, where this is its first message
    std::string digest;
    std::uint64_t bytes = 0;
    bool needs_end = false;  // its last segment has none
  };
  struct LastLine {
    std::uint64_t from = 0, bytes = 0;
    std::string digest;
    std::uint64_t line_at =
        0;  // where in the ledger it begins, with its batch's if it is the first
  };

  std::string hidden(std::string_view end) const;
  Status read_ledger(Folder& folder, std::optional<LastLine>& last);
  bool take_line(std::string_view line, std::optional<LastLine>& last);
  Status settle_last(Folder& folder, const LastLine& last);
  Result<bool> holds(Folder& folder, const LastLine& last) const;
  void remember(Entry entry);
  Result<Text> look_at(const StoredDelivery& delivery) const;
  Status begin(const StoredDelivery& delivery, Text& text);
  Status append(Folder& folder, const StoredDelivery& delivery, const Text& text);
  Status write_lines(Folder& folder, const std::string& lines);
  Status finish_closing(Folder& folder);
  Status rewrite_ledger(Folder& folder);
  Result<std::string> trailer(Folder& folder) const;
  bool is_full(std::uint64_t more) const;

  const Context context_;
  bool loaded_ = false;
  bool ledger_exists_ = false;
  std::uint64_t ledger_bytes_ = 0;
  std::optional<Open> open_;
  std::deque<Entry> remembered_;
  std::unordered_map<std::string, std::string> digests_;  // by delivery, of remembered_
};

}  // namespace causeway::connectors::folder
