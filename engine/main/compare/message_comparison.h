// What a draft of a channel would make otherwise of one message than the deployed revision: both
// are run, as pure functions, on the stored bytes and the inputs that were recorded with them.
// Nobody is asked, nothing is stored or sent. Used by one thread; each has one of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/config/channel_config.h"
#include "engine/core/transformation.h"
#include "engine/main/compare/sandbox_bodies.h"

namespace causeway {

/// Something that would be otherwise, and where. Places have no numbers of segments and
/// repetitions, so that what is the same change is called the same.
struct Change {
  enum class Kind : std::uint8_t { Field, Outcome, Reply, Count, Failure };
  Kind kind = Kind::Field;
  std::string destination;    ///< Empty: of the message as a whole.
  std::string what;           ///< "PID-3.1 changed", "fails: transform.js:3:7: …"
  std::string before, after;  ///< Values: content. Empty: none.
};

class MessageComparison {
 public:
  using ReadBody = SandboxBodies::ReadBody;

  /// Errors: those of make_pipeline, with whose it is.
  static Result<std::unique_ptr<MessageComparison>> make(const config::ChannelConfig& deployed,
                                                         const config::ChannelConfig& draft,
                                                         ReadBody read_body);

  /// No changes: it would be as it is. `recorded`: of the message's last run.
  std::vector<Change> compare(const StoredMessage& message,
                              const std::vector<RecordedInput>& recorded);

 private:
  explicit MessageComparison(ReadBody read_body) : bodies_(std::move(read_body)) {}
  RunResult run(Transformation& pipeline, const StoredMessage& message,
                const std::vector<RecordedInput>& recorded);
  void compare_outputs(const RunResult& before, const RunResult& after,
                       std::vector<Change>& changes);
  std::string content_of(const RunOutput& output);

  SandboxBodies bodies_;
  std::unique_ptr<Transformation> deployed_, draft_;
};

}  // namespace causeway
