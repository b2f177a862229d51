// One test of a channel: what comes out, and how that differs from what is expected. Used by one
// thread.
#pragma once

#include "engine/main/authoring/channel_tests.h"
#include "engine/main/authoring/test_case.h"
#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/response_script.h"

namespace causeway {

/// By destination.
using ResponseScripts = std::map<std::string, std::unique_ptr<ResponseTransformation>>;

/// What a test is run on.
struct TestedChannel {
  const config::ChannelConfig& config;
  const pipeline::PipelineSettings& settings;
  const ResponseScripts& responses;
  Transformation& whole;
};

/// What a test's input led to.
struct CaseOutcome {
  std::map<std::string, std::vector<TestFile>> outputs;  ///< By destination; `name` is empty.
  std::map<std::string, SharedAttributes> attributes;    ///< Of the first; and of "reply".
  std::map<std::size_t, TestFile> after;                 ///< Where the test asks for it.
  std::optional<TestFile> reply;
  std::optional<Error> error;
  std::string log;
  std::map<std::string, std::string> state;  ///< Of the lane, as it then is.
  /// What the test's answers are settled as: by the names of their files, "rejected".
  std::map<std::string, std::string> settled;
};

CaseOutcome run_case(const TestCase& test, const TestedChannel& channel);

/// In words, each beginning with where it is; empty: all is as expected.
std::vector<std::string> failures_of(const TestCase& test, const CaseOutcome& outcome,
                                     const std::vector<std::string>& destinations);

/// Replaces the test's expected files by what came out; the paths written.
Result<std::vector<std::filesystem::path>> update_case(const TestCase& test,
                                                       const CaseOutcome& outcome);

}  // namespace causeway
