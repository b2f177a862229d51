// causeway test: runs the tests in channels' folders, without a database.
#include <cstdio>

#include "engine/main/arguments.h"
#include "engine/main/authoring/channel_selection.h"
#include "engine/main/authoring/channel_tests.h"
#include "engine/main/authoring/folder_watch.h"
#include "engine/main/authoring/test_report.h"
#include "engine/main/authoring/write_file.h"
#include "engine/main/channel_files.h"
#include "engine/main/commands.h"
#include "engine/script/coverage.h"

namespace causeway {
namespace {

namespace fs = std::filesystem;

constexpr const char* usage =
    "usage: causeway test [FOLDER ...] [options]\n"
    "  Runs the tests of a channel's FOLDER, or of all channels below it (default: here): what is "
    "in\n"
    "  tests/NAME/input.hl7 goes through the channel's stages, and what comes out is compared "
    "with\n"
    "  tests/NAME/expected/DESTINATION.hl7. No engine or database is needed. Exit code 1 if a "
    "test\n"
    "  fails.\n"
    "  --filter TEXT   only tests whose CHANNEL/NAME has TEXT in it\n"
    "  --update        what comes out is what is expected from now on\n"
    "  --watch         then again whatever a change concerns, until Ctrl-C\n"
    "  --junit FILE    the results as JUnit XML too\n"
    "  --mappings FOLDER  the library that scripts import from (default: mappings beside FOLDER, "
    "or\n"
    "                  the program's own)\n"
    "  tests/NAME/ may also have after/1.hl7 (what the first stage hands on), reply.hl7 (what the\n"
    "  script answers), and case.json: { \"mask\": [\"MSH-7\"], \"error\": \"…\", \"received_at\": "
    "\"…\" }\n";

constexpr auto watch_patience = Milliseconds(60'000);

using Reports = std::vector<ChannelReport>;

Reports run(const std::vector<ChannelSelection>& selections, const TestOptions& options,
            const std::function<bool(const fs::path&)>& wanted) {
  Reports reports;
  for (const auto& selection : selections)
    for (const auto& path : selection.paths) {
      if (!wanted(selection.root / path)) continue;
      auto report = test_channel(selection.root, path, options);
      if (!options.filter.empty() && report.cases.empty() && report.problems.empty()) continue;
      std::fputs(report_text(report).c_str(), stdout);
      reports.push_back(std::move(report));
    }
  return reports;
}

bool is_below(const fs::path& path, const fs::path& folder) {
  std::error_code ignored;
  const auto relative =
      fs::weakly_canonical(path, ignored).lexically_relative(fs::weakly_canonical(folder, ignored));
  return !relative.empty() && *relative.begin() != "..";
}

/// Ends only with the process. The interpreter and the compiled code of this thread stay warm.
int watch(const std::vector<std::string>& folders, const TestOptions& options) {
  FolderWatch watched;
  for (const auto& folder : folders)
    if (auto added = watched.add(folder); !added) {
      std::fprintf(stderr, "causeway test: %s\n", added.error().str().c_str());
      return 1;
    }
  for (;;) {
    std::puts("watching; Ctrl-C ends it");
    std::fflush(stdout);
    std::set<fs::path> changed;
    while (changed.empty()) changed = watched.wait(watch_patience);
    const auto begin = std::chrono::steady_clock::now();
    config::Problems problems;
    std::vector<ChannelSelection> selections;
    for (const auto& folder : folders) selections.push_back(select_channels(folder, problems));
    const auto concerned = [&](const fs::path& channel) {
      return std::any_of(changed.begin(), changed.end(),
                         [&](const fs::path& path) { return is_below(path, channel); });
    };
    const auto reports = run(selections, options, concerned);
    if (reports.empty()) continue;
    std::fputs(summary_text(reports).c_str(), stdout);
    std::printf("in %lld ms\n", static_cast<long long>(std::chrono::duration_cast<Milliseconds>(
                                                           std::chrono::steady_clock::now() - begin)
                                                           .count()));
  }
}

int finish(const Reports& reports, const config::Problems& problems, const Arguments& arguments) {
  for (const auto& problem : problems.list) std::printf("%s\n", problem.str().c_str());
  std::fputs(summary_text(reports).c_str(), stdout);
  if (arguments.has("junit")) {
    const auto written = write_file(arguments.value("junit"), junit_xml(reports));
    if (!written) {
      std::fprintf(stderr, "causeway test: %s\n", written.error().str().c_str());
      return 1;
    }
  }
  const bool good = std::all_of(reports.begin(), reports.end(),
                                [](const ChannelReport& report) { return report.good(); });
  const bool nothing = reports.empty() && arguments.has("filter");
  if (nothing) std::fprintf(stderr, "causeway test: no test has that in its name\n");
  return good && !nothing && problems.errors() == 0 ? 0 : 1;
}

}  // namespace

int command_test(const Words& words) {
  auto arguments =
      Arguments::parse(words, {{"filter", "junit", "mappings"}, {"update", "watch", "help"}});
  if (!arguments) {
    std::fprintf(stderr, "causeway test: %s\n%s", arguments.error().str().c_str(), usage);
    return 2;
  }
  if (arguments->has("help")) {
    std::fputs(usage, stdout);
    return 0;
  }
  auto folders = arguments->words();
  if (folders.empty()) folders.emplace_back(".");
  TestOptions options;
  options.filter = arguments->value("filter");
  options.update = arguments->has("update");
  script::enable_coverage();
  config::Problems problems;
  const auto library = config::read_library(
      mappings_folder(arguments->value("mappings"), folders.front()), problems);
  options.library = &library;
  std::vector<ChannelSelection> selections;
  for (const auto& folder : folders) selections.push_back(select_channels(folder, problems));
  const auto all = [](const fs::path&) { return true; };
  const auto reports = run(selections, options, all);
  const int code = finish(reports, problems, *arguments);
  return arguments->has("watch") ? watch(folders, options) : code;
}

}  // namespace causeway
