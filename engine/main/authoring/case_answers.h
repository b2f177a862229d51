// The answers of destinations in a channel's test, and what response scripts make of them. Used by
// one thread.
#pragma once

#include "engine/main/authoring/case_run.h"

namespace causeway {

/// Runs the response scripts on the test's answers to `outputs`: what they are settled as, what the
/// sender is answered, logs. A script that fails makes an answer rejected; its error is in the log.
void take_answers(const TestCase& test, const TestedChannel& channel, const StoredMessage& message,
                  const std::vector<RunOutput>& outputs, CaseOutcome& outcome);

/// A reply is in the words of the sender, if it looks like it.
TestFile reply_of(const TestCase& test, std::string reply);

}  // namespace causeway
