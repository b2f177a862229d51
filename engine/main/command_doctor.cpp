// causeway doctor: looks at an installation and says what is wrong with it, and what to do.
#include <cstdio>

#include "engine/main/commands.h"
#include "engine/main/doctor/checks.h"

namespace causeway {

int command_doctor(const Words& words) {
  auto arguments = Arguments::parse(words, {{"data", "database", "channels"}, {"help"}});
  if (!arguments || arguments->has("help") || !arguments->words().empty()) {
    if (!arguments) std::fprintf(stderr, "causeway doctor: %s\n", arguments.error().str().c_str());
    std::fprintf(
        stderr,
        "usage: causeway doctor [--channels FOLDER] [options]\n"
        "  Looks at the machine, the data folder, its store and engine, and at the channels\n"
        "  in FOLDER, whose destinations are tried. Changes nothing. Exit code 1 if anything\n"
        "  is bad; what is only weak leaves it 0.\n%s",
        std::string(Installation::options_help).c_str());
    return 2;
  }
  const bool own_database = !arguments->has("database");
  doctor::Report report;
  doctor::check_machine(report);
  doctor::check_postgresql(report, own_database);
  auto installation = Installation::open(*arguments);
  const auto folder =
      installation ? (*installation)->folder() : Installation::data_folder(*arguments);
  if (arguments->has("channels"))
    doctor::check_channels(report, arguments->value("channels"), folder);
  std::error_code error;
  const bool exists = std::filesystem::exists(folder, error);
  doctor::check_disk(report, exists ? folder : std::filesystem::path("/"));
  if (exists) doctor::check_files(report, folder, own_database);
  if (installation) {
    report.good("data folder: " + folder.string());
    doctor::check_database(report, **installation);
    doctor::check_engine(report, *arguments);
  } else {
    report.bad("data folder: " + installation.error().str(),
               "is the engine running (causeway serve), and is this its data folder?");
  }
  return report.any_bad() ? 1 : 0;
}

}  // namespace causeway
