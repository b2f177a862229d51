// causeway check: lints channel folders; every problem at once, with its place.
#include <cstdio>
#include <optional>

#include "engine/main/arguments.h"
#include "engine/main/authoring/channel_lint.h"
#include "engine/main/authoring/generated_docs.h"
#include "engine/main/authoring/problems_json.h"
#include "engine/main/channel_files.h"
#include "engine/main/commands.h"

namespace causeway {
namespace {

namespace fs = std::filesystem;

constexpr const char* usage =
    "usage: causeway check [FOLDER ...] [--env NAME|FILE] [--json]\n"
    "       causeway check --docs FOLDER\n"
    "  Lists every problem of a channel's FOLDER, or of all channels below it (default: here), "
    "one\n"
    "  a line: file:line:column: pointer: what is wrong. Exit code 1 if any is more than a "
    "warning.\n"
    "  --env NAME|FILE  what env:NAME stands for: a file, or environments/NAME.json in FOLDER;\n"
    "                   without it, such values are not looked up\n"
    "  --mappings FOLDER  the library that scripts import from (default: mappings beside FOLDER, "
    "or\n"
    "                   the program's own)\n"
    "  --json           a list of objects: file, line, column, pointer, severity, text\n"
    "  --docs FOLDER    writes JSON Schemas and the reference of all that a channel.json can say\n";

struct Found {
  config::Problems problems;
  std::size_t channels = 0, good = 0;
};

void check(const fs::path& folder, const Arguments& arguments, Found& found) {
  config::Problems unreadable;
  std::optional<config::EnvironmentValues> environment;
  std::string name;
  if (arguments.has("env")) {
    name = environment_file(folder, arguments.value("env")).string();
    environment = environment_values(name, unreadable);
  }
  const LintOptions options{environment ? &*environment : nullptr, name,
                            arguments.value("mappings")};
  auto lint = lint_channels(folder, options);
  found.problems.append(unreadable);
  found.problems.append(lint.problems);
  found.channels += lint.channels;
  found.good += lint.good;
}

void print(const Found& found) {
  for (const auto& problem : found.problems.list) std::printf("%s\n", problem.str().c_str());
  if (found.problems.list.size() == config::Problems::kept_max)
    std::printf("and more: these are the first %zu\n", config::Problems::kept_max);
  const auto errors = found.problems.errors();
  std::printf("channels: %zu, good: %zu, errors: %zu, warnings: %zu\n", found.channels, found.good,
              errors, found.problems.list.size() - errors);
}

}  // namespace

int command_check(const Words& words) {
  auto arguments = Arguments::parse(words, {{"env", "mappings", "docs"}, {"json", "help"}});
  if (!arguments) {
    std::fprintf(stderr, "causeway check: %s\n%s", arguments.error().str().c_str(), usage);
    return 2;
  }
  if (arguments->has("help")) {
    std::fputs(usage, stdout);
    return 0;
  }
  if (arguments->has("docs")) {
    const auto written = write_docs(arguments->value("docs"));
    if (written) return 0;
    std::fprintf(stderr, "causeway check: %s\n", written.error().str().c_str());
    return 1;
  }
  auto folders = arguments->words();
  if (folders.empty()) folders.emplace_back(".");
  Found found;
  for (const auto& folder : folders) check(folder, *arguments, found);
  if (arguments->has("json"))
    std::printf("%s\n", problems_json(found.problems).c_str());
  else
    print(found);
  return found.problems.errors() == 0 ? 0 : 1;
}

}  // namespace causeway
