#include "engine/main/authoring/test_report.h"

#include <fmt/format.h>

namespace causeway {
namespace {

constexpr std::size_t failures_shown_max = 20;
constexpr std::size_t ranges_shown_max = 20;

/// "3, 7-9"
std::string ranges(const std::vector<int>& lines) {
  std::string out;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < lines.size();) {
    std::size_t end = i;
    while (end + 1 < lines.size() && lines[end + 1] == lines[end] + 1) ++end;
    if (++shown > ranges_shown_max) return out + ", …";
    out += (out.empty() ? "" : ", ") + std::to_string(lines[i]) +
           (end > i ? "-" + std::to_string(lines[end]) : "");
    i = end + 1;
  }
  return out;
}

std::string indented(std::string_view text, std::string_view indent) {
  std::string out;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    out += std::string(indent) + std::string(line) + "\n";
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return out;
}

void add_case(const CaseReport& each, std::string& out) {
  if (!each.written.empty()) {
    out += fmt::format("  new    {}\n", each.name);
    for (const auto& path : each.written) out += "         wrote " + path.string() + "\n";
    return;
  }
  out += fmt::format("  {:<6} {}\n", each.failures.empty() ? "ok" : "FAILED", each.name);
  for (std::size_t i = 0; i < std::min(each.failures.size(), failures_shown_max); ++i)
    out += indented(each.failures[i], "         ");
  if (each.failures.size() > failures_shown_max)
    out += fmt::format("         and {} more\n", each.failures.size() - failures_shown_max);
  if (!each.failures.empty()) out += indented(each.log, "         log: ");
}

/// XML 1.0 has no way to write control characters; what is no UTF-8 is shown as '?'.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += (byte >= 0x20 && byte < 0x7F) || c == '\n' ? c : '?';
  }
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += (out.empty() ? "" : "\n") + line;
  return out;
}

double seconds(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1e6;
}

std::string junit_suite(const ChannelReport& report) {
  std::string cases;
  std::chrono::microseconds took{0};
  for (const auto& each : report.cases) {
    took += each.took;
    cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.6f}\"",
                         escaped(report.path), escaped(each.name), seconds(each.took));
    if (each.failures.empty()) {
      cases += "/>\n";
      continue;
    }
    cases += fmt::format(">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                         escaped(each.failures.front()), escaped(joined(each.failures)));
  }
  const auto errors = report.problems.errors();
  for (const auto& problem : report.problems.list)
    if (problem.severity == config::Severity::Error)
      cases += fmt::format(
          "    <testcase classname=\"{}\" name=\"check\">\n      <error message=\"{}\"/>\n"
          "    </testcase>\n",
          escaped(report.path), escaped(problem.str()));
  return fmt::format(
             "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
             "time=\"{:.6f}\">\n",
             escaped(report.path), report.cases.size() + errors, report.failed(), errors,
             seconds(took)) +
         cases + "  </testsuite>\n";
}

}  // namespace

std::string report_text(const ChannelReport& report) {
  std::string out = report.path + "\n";
  for (const auto& problem : report.problems.list) out += "  " + problem.str() + "\n";
  if (report.cases.empty() && report.problems.empty()) out += "  no tests\n";
  for (const auto& each : report.cases) add_case(each, out);
  for (const auto& file : report.coverage) {
    out += fmt::format("  {}: {} % of lines ran", file.file, 100 * file.covered / file.lines);
    out += file.missing.empty() ? "\n" : "; never " + ranges(file.missing) + "\n";
  }
  return out;
}

std::string summary_text(const std::vector<ChannelReport>& reports) {
  std::size_t tests = 0, failed = 0, broken = 0;
  for (const auto& report : reports) {
    tests += report.cases.size();
    failed += report.failed();
    broken += report.problems.errors() > 0 ? 1 : 0;
  }
  auto text = fmt::format("channels: {}, tests: {}, failed: {}", reports.size(), tests, failed);
  if (broken > 0) text += fmt::format(", channels with problems: {}", broken);
  return text + "\n";
}

std::string junit_xml(const std::vector<ChannelReport>& reports) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const auto& report : reports) out += junit_suite(report);
  return out + "</testsuites>\n";
}

}  // namespace causeway
