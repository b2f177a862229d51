// causeway new: makes a channel's folder from a template.
#include <cstdio>

#include "engine/main/arguments.h"
#include "engine/main/authoring/templates.h"
#include "engine/main/commands.h"

namespace causeway {
namespace {

constexpr const char* usage =
    "usage: causeway new FOLDER [--from TEMPLATE]\n"
    "       causeway new --list\n"
    "  Makes a channel that can be checked, tested and run at once, with a README, tests, and "
    "what\n"
    "  editors need to complete and check channel.json and scripts. The folder's name is the "
    "channel's.\n"
    "  --from TEMPLATE  default: mllp_to_mllp\n"
    "  --list           the templates\n";

int list() {
  for (const auto& each : templates())
    std::printf("%-16s %s\n", each.name.c_str(), each.summary.c_str());
  return 0;
}

}  // namespace

int command_new(const Words& words) {
  auto arguments = Arguments::parse(words, {{"from"}, {"list", "help"}});
  if (arguments && arguments->has("help")) {
    std::fputs(usage, stdout);
    return 0;
  }
  if (arguments && arguments->has("list")) return list();
  if (!arguments || arguments->words().size() != 1) {
    if (!arguments) std::fprintf(stderr, "causeway new: %s\n", arguments.error().str().c_str());
    std::fputs(usage, stderr);
    return 2;
  }
  const auto& folder = arguments->words()[0];
  const auto made = make_channel(folder, arguments->value("from", "mllp_to_mllp"));
  if (!made) {
    std::fprintf(stderr, "causeway new: %s\n", made.error().str().c_str());
    return 1;
  }
  std::printf("made %s; next: causeway check %s, causeway test %s, and its README.md\n",
              folder.c_str(), folder.c_str(), folder.c_str());
  return 0;
}

}  // namespace causeway
