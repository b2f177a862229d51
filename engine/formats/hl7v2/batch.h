// Batches: told apart into their messages as they stream in, and put together on the way out.
//
// Pure but for what they hold: at most one message, and one batch being put together. Not
// thread-safe. Errors: Limit (a message, or a header, that is too long).
// Standard: HL7 v2.x chapter 2.10.3 (batch protocol); FHS, BHS, BTS, FTS are all optional in what
// comes in, and files that only string messages together are read too, also with MLLP's frames.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/clock.h"
#include "engine/core/result.h"
#include "engine/formats/hl7v2/delimiters.h"

namespace causeway::hl7v2 {

/// What is wrong with a batch; its messages are good all the same.
enum class BatchProblem : std::uint8_t {
  None,
  CountDiffers,     ///< BTS-1 or FTS-1 is not what came.
  CountUnreadable,  ///< It is no number.
  NoTrailer,        ///< A batch or file began, and the one before had not ended.
  NoHeader,         ///< A trailer of a batch or file that had not begun.
};
std::string_view to_string(BatchProblem problem);

/// One part of a batch, in the order of the input.
struct BatchItem {
  enum class Kind : std::uint8_t {
    Message,
    FileHeader,
    BatchHeader,
    BatchTrailer,
    FileTrailer,
    Unreadable,  ///< Lines before the first message that are none of these.
    End,         ///< Of the input; only given if a trailer is missing.
  };
  Kind kind = Kind::Message;
  std::string_view text;       ///< With its segment ends, byte by byte; holds during the call.
  std::uint64_t position = 0;  ///< Of a message: among all of the input, from 1.
  std::uint64_t file = 0, batch = 0;  ///< Which, from 1; 0: outside of any.
  std::uint64_t place = 0;            ///< Of a message, in its batch, from 1.
  BatchProblem problem = BatchProblem::None;
  std::optional<std::uint64_t> declared;  ///< Of a trailer that counts.
  std::uint64_t counted = 0;              ///< Messages of the batch; batches of the file.
};
std::string_view to_string(BatchItem::Kind kind);

class BatchReader {
 public:
  /// An error ends the reading, and is handed on.
  using OnItem = std::function<Status(const BatchItem&)>;

  explicit BatchReader(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  /// Takes any part of the input; calls for each item that is whole.
  Status push(std::string_view bytes, const OnItem& on_item);
  /// The input ends here.
  Status finish(const OnItem& on_item);

 private:
  using Kind = BatchItem::Kind;

  Status scan(bool at_end, const OnItem& on_item);
  Status begin_item(Kind kind, std::size_t at, const OnItem& on_item);
  Status give(std::string_view text, const OnItem& on_item);
  void count(BatchItem& item);
  void count_trailer(BatchItem& item, bool has_header);

  const std::size_t message_bytes_max_;
  std::string held_;
  std::size_t begin_ = 0;     // where the item begins that is being read
  std::size_t line_ = 0;      // where the line begins that is looked at
  std::size_t scanned_ = 0;   // up to where no line end is
  std::optional<Kind> kind_;  // of the item being read; none: nothing but blanks so far
  std::uint64_t position_ = 0, file_ = 0, batch_ = 0, place_ = 0, batches_in_file_ = 0;
  bool in_file_ = false, in_batch_ = false;
};

/// Whether the bytes hold more than one message, or a batch's or file's header.
bool is_batch(std::string_view bytes);

/// When a batch is complete; 0: no such bound.
struct BatchRules {
  std::size_t messages_max = 0;
  std::size_t bytes_max = 0;
  Milliseconds age_max{0};   ///< Since its first message.
  bool file_header = true;   ///< FHS and FTS around it.
  bool batch_header = true;  ///< BHS and BTS around it; without both, messages only follow on.
};

/// What stands before the messages of a batch, as `rules` want it, and behind `messages` of them.
/// The parties and delimiters are those of the first message's MSH. `control_id` and `timestamp`
/// are fields 11 and 7.
std::string batch_head(const BatchRules& rules, std::string_view first_message,
                       std::string_view control_id, std::string_view timestamp);
std::string batch_tail(const BatchRules& rules, char field_separator, std::size_t messages);

/// Puts messages together. Who owns it asks `due` when `due_at` has passed.
class BatchAssembler {
 public:
  explicit BatchAssembler(BatchRules rules) : rules_(rules) {}

  /// True: the batch is complete, also without this message, which then has to be added again: it
  /// would make it longer than `bytes_max`.
  bool is_full_for(std::string_view message) const;
  void add(std::string_view message, SteadyTime now);
  bool is_complete(SteadyTime now) const;
  std::optional<SteadyTime> due_at() const;
  std::size_t messages() const { return messages_; }

  /// The batch, and begins the next. Headers name the parties of its first message's MSH, in its
  /// delimiters. `control_id` is BHS-11 and FHS-11, `timestamp` BHS-7 and FHS-7. Empty if there are
  /// no messages.
  std::string take(std::string_view control_id, std::string_view timestamp);

 private:
  BatchRules rules_;
  std::string text_;
  std::string first_header_;  // MSH of the first message
  std::size_t messages_ = 0;
  SteadyTime begun_;
};

/// The answer to a batch: its header turned about, with the acknowledgements of its messages
/// between (those that are empty are left out), BHS-12 naming the batch. Without a header
/// (`batch_header` empty, or not readable) the acknowledgements follow one another.
std::string acknowledge_batch(std::string_view batch_header,
                              const std::vector<std::string>& acknowledgements,
                              std::string_view control_id, std::string_view timestamp);

}  // namespace causeway::hl7v2
