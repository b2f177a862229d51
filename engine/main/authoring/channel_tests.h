// Runs the tests of one channel (test_case.h), through the same pipeline as the engine and without
// a database. What differs between runs of the real thing is fixed: the message's number and the
// revision, so that ctx.uuid() gives the same until the input changes.
//
// Used by one thread, whose interpreter stays warm from run to run.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/config/library.h"
#include "engine/core/ids.h"

namespace causeway {

struct CaseReport {
  std::string name;
  std::vector<std::string> failures;           ///< Empty: it passed.
  std::string log;                             ///< What the scripts said.
  std::vector<std::filesystem::path> written;  ///< By an update.
  std::chrono::microseconds took{0};
};

struct FileCoverage {
  std::string file;
  std::size_t lines = 0, covered = 0;
  std::vector<int> missing;  ///< Lines that never ran.
};

struct ChannelReport {
  std::string path;
  config::Problems problems;  ///< Why it can't be tested, or a test can't be read.
  std::vector<CaseReport> cases;
  std::vector<FileCoverage> coverage;  ///< Of the channel's own scripts.
  std::size_t failed() const;
  bool good() const { return problems.errors() == 0 && failed() == 0; }
};

struct TestOptions {
  std::string filter;   ///< Only tests whose "channel/test" has this in it.
  bool update = false;  ///< Expected files become what comes out.
  const config::LibraryFiles* library = nullptr;  ///< What scripts import besides.
};

ChannelReport test_channel(const std::filesystem::path& root, const std::string& path,
                           const TestOptions& options);

}  // namespace causeway
