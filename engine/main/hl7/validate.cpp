// causeway hl7 validate: what is wrong with messages, by the standard or by a profile.
#include <cstdio>

#include "engine/api/json_text.h"
#include "engine/formats/hl7v2/validate/profile.h"
#include "engine/formats/hl7v2/validate/validate.h"
#include "engine/main/arguments.h"
#include "engine/main/hl7/commands.h"
#include "engine/main/hl7/input.h"
#include "engine/main/message_text.h"

namespace causeway {
namespace {

constexpr const char* usage =
    "usage: causeway hl7 validate [--profile PATH] [--version V] [--json] FILE ...\n"
    "  Checks each HL7 v2 message of the files (\"-\": standard input) and lists what is wrong "
    "with\n"
    "  it: where, which rule, and why. Exits with 1 if a message has an error.\n"
    "  --profile PATH  a conformance profile in NIST's XML: the file, or the folder with it; its\n"
    "                  constraints, value sets and bindings are taken from the same folder\n"
    "  --version V     the version to check against; without it, what MSH-12 says\n"
    "  --json          one JSON object a message\n"
    "  --no-values     leave out what stands in the message at each place\n";

struct Settings {
  hl7v2::ValidationOptions options;
  bool json = false;
  bool values = true;
};

void print_finding(const hl7v2::Finding& finding, const Settings& settings) {
  const auto place = to_string(finding.location);
  std::printf("  %-7s  %-14s %s  [%s]\n", std::string(to_string(finding.level)).c_str(),
              place.empty() ? "message" : place.c_str(), finding.text.c_str(),
              finding.rule.c_str());
  if (settings.values && !finding.value.empty())
    std::printf("           %-14s %s\n", "", visible(finding.value, false).c_str());
}

void print_json(const std::string& name, std::size_t number, const hl7v2::ValidationReport& report,
                const Settings& settings) {
  const auto text = [](std::string_view value) { return api::JsonText().value(value).take(); };
  std::string out = "{\"file\":" + text(name) + ",\"message\":" + std::to_string(number) +
                    ",\"version\":" + text(report.version) +
                    ",\"structure\":" + text(report.structure) +
                    ",\"best_fit\":" + (report.best_fit ? "true" : "false") +
                    ",\"valid\":" + (report.rejects() ? "false" : "true") + ",\"findings\":[";
  bool first = true;
  for (const auto& finding : report.findings) {
    out += first ? "" : ",";
    first = false;
    out += "{\"level\":" + text(to_string(finding.level)) +
           ",\"class\":" + text(to_string(finding.rule_class)) + ",\"rule\":" + text(finding.rule) +
           ",\"path\":" + text(to_string(finding.location)) + ",\"group\":" + text(finding.group) +
           ",\"text\":" + text(finding.text);
    if (settings.values) out += ",\"value\":" + text(finding.value);
    out += "}";
  }
  std::printf("%s]%s}\n", out.c_str(), report.cut ? ",\"cut\":true" : "");
}

void print_report(const std::string& name, std::size_t number,
                  const hl7v2::ValidationReport& report, const Settings& settings) {
  if (settings.json) return print_json(name, number, report, settings);
  std::printf("%s, message %zu: %s%s%s%s\n", name.c_str(), number,
              report.structure.empty() ? "unknown" : report.structure.c_str(),
              report.best_fit ? " (best fit)" : "",
              report.version.empty() ? "" : (" of version " + report.version).c_str(),
              report.findings.empty() ? ", nothing found" : "");
  for (const auto& finding : report.findings) print_finding(finding, settings);
  if (report.cut) std::printf("  and more\n");
}

/// False: it has errors.
bool check(const Hl7Input& input, const Hl7Item& item, const Settings& settings) {
  const auto& name = input.name;
  const auto number = item.number;
  auto message = input.parse(item);
  if (!message) {
    hl7v2::ValidationReport report;
    auto& finding = report.findings.emplace_back();
    finding.rule = "unreadable";
    finding.level = hl7v2::Level::Reject;
    finding.text = message.error().text;
    print_report(name, number, report, settings);
    return false;
  }
  const auto report = validate(*message, settings.options);
  print_report(name, number, report, settings);
  return !report.rejects();
}

}  // namespace

int hl7_validate(const Words& words) {
  auto arguments = Arguments::parse(words, {{"profile", "version"}, {"json", "no-values", "help"}});
  if (!arguments || arguments->has("help") || arguments->words().empty()) {
    if (!arguments) std::fprintf(stderr, "causeway hl7: %s\n", arguments.error().str().c_str());
    std::fputs(usage, stderr);
    return 2;
  }
  Settings settings;
  settings.json = arguments->has("json");
  settings.values = !arguments->has("no-values");
  settings.options.version = arguments->value("version");
  if (!settings.options.version.empty() && !hl7v2::Grammar::find(settings.options.version)) {
    std::fprintf(stderr, "causeway hl7: \"%s\" is no version of HL7 v2\n",
                 settings.options.version.c_str());
    return 2;
  }
  if (arguments->has("profile")) {
    auto profile = hl7v2::Profile::load(arguments->value("profile"));
    if (!profile) {
      std::fprintf(stderr, "causeway hl7: %s\n", profile.error().str().c_str());
      return 2;
    }
    settings.options.profile = std::move(*profile);
    for (const auto& rule : settings.options.profile->not_judged())
      std::fprintf(stderr, "causeway hl7: rule \"%s\" of the profile can't be judged here\n",
                   rule.c_str());
  }
  bool good = true;
  for (const auto& name : arguments->words()) {
    const auto input = read_input(name, nullptr);
    if (!input) {
      print_problem(name, input.error());
      good = false;
      continue;
    }
    for (const auto* item : input->messages()) good = check(*input, *item, settings) && good;
  }
  return good ? 0 : 1;
}

}  // namespace causeway
