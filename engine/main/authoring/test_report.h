// Reports of channels' tests: for people, and for CI systems (JUnit XML). Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/main/authoring/channel_tests.h"

namespace causeway {

/// One channel: a line per test, differences below those that failed, and coverage.
std::string report_text(const ChannelReport& report);
/// The last line: "tests: 3, failed: 1".
std::string summary_text(const std::vector<ChannelReport>& reports);
/// As Jenkins, GitLab and others read it: a testsuite per channel.
std::string junit_xml(const std::vector<ChannelReport>& reports);

}  // namespace causeway
