#include "engine/main/authoring/channel_tests.h"

#include "engine/main/authoring/case_run.h"
#include "engine/main/authoring/memory_bodies.h"
#include "engine/main/channel_files.h"
#include "engine/script/coverage.h"

namespace causeway {

namespace fs = std::filesystem;

namespace {

CaseReport run_one(const TestCase& test, const TestedChannel& channel, bool update) {
  CaseReport report;
  report.name = test.name;
  const auto begin = std::chrono::steady_clock::now();
  const auto outcome = run_case(test, channel);
  report.took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - begin);
  report.log = outcome.log;
  report.failures = failures_of(test, outcome, channel.settings.destinations);
  if (!update || report.failures.empty() || outcome.error || !test.error.empty()) return report;
  auto written = update_case(test, outcome);
  if (written) {
    report.failures.clear();
    report.written = std::move(*written);
  } else {
    report.failures.push_back(written.error().str());
  }
  return report;
}

/// One for all tests of a channel: its coverage is read while it lives.
Result<std::unique_ptr<Transformation>> transformation_of(
    const pipeline::PipelineSettings& settings) {
  const auto factory = pipeline::make_pipeline(settings);
  if (!factory) return factory.error();
  return (*factory)->make();
}

Result<ResponseScripts> response_scripts_of(const pipeline::PipelineSettings& settings) {
  ResponseScripts scripts;
  const auto factories = pipeline::make_responses(settings);
  if (!factories) return factories.error();
  for (const auto& [destination, factory] : *factories) {
    auto script = factory->make();
    if (!script) return script.error();
    scripts[destination] = std::move(*script);
  }
  return scripts;
}

std::vector<FileCoverage> coverage_of(const config::ChannelConfig& channel) {
  std::vector<FileCoverage> files;
  for (const auto& [file, lines] : script::coverage_of_this_thread()) {
    if (file.starts_with(config::library_prefix) || !channel.scripts.contains(file) ||
        lines.empty())
      continue;
    FileCoverage coverage{file, lines.size(), 0, {}};
    for (const auto& [line, count] : lines) {
      if (count > 0)
        ++coverage.covered;
      else
        coverage.missing.push_back(line);
    }
    files.push_back(std::move(coverage));
  }
  return files;
}

}  // namespace

std::size_t ChannelReport::failed() const {
  return static_cast<std::size_t>(std::count_if(
      cases.begin(), cases.end(), [](const auto& each) { return !each.failures.empty(); }));
}

ChannelReport test_channel(const fs::path& root, const std::string& path,
                           const TestOptions& options) {
  ChannelReport report;
  report.path = path;
  auto channel = config::read_channel_folder(root, path, connector_fields(), nullptr,
                                             report.problems, check_message_path);
  if (report.problems.errors() > 0) return report;
  if (options.library) config::add_used(*options.library, channel);
  MemoryBodies bodies;
  auto settings = pipeline::pipeline_settings(channel);
  settings.staging = &bodies;
  settings.revision = "test";
  settings.environment = "test";
  settings.lookups.asks = false;
  script::forget_coverage();
  const auto transformation = transformation_of(settings);
  const auto responses = response_scripts_of(settings);
  if (!transformation || !responses) {
    const auto& error = transformation ? responses.error() : transformation.error();
    report.problems.file = (root / path / error.place).string();
    report.problems.add_file(error.text);
    return report;
  }
  for (const auto& test : read_test_cases(root / path, report.problems))
    if ((path + "/" + test.name).find(options.filter) != std::string::npos)
      report.cases.push_back(
          run_one(test, {channel, settings, *responses, **transformation}, options.update));
  if (!report.cases.empty()) report.coverage = coverage_of(channel);
  return report;
}

}  // namespace causeway
