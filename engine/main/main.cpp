// The `causeway` program: finds the command and runs it.
#include <cstdio>

#include "engine/main/commands.h"

namespace {

struct Command {
  const char* name;
  int (*run)(const causeway::Words&);
  const char* summary;
};

constexpr Command commands[] = {
    {"serve", causeway::command_serve, "run the engine with its PostgreSQL"},
    {"check", causeway::command_check, "lint channel folders"},
    {"deploy", causeway::command_deploy, "bring channel folders into the running engine"},
    {"channels", causeway::command_channels,
     "list | show | history | diff | export | rollback | start | stop | pause | resume | undeploy"},
    {"new", causeway::command_new, "make a channel folder from a template"},
    {"test", causeway::command_test, "run the tests in channel folders"},
    {"compare", causeway::command_compare, "say what a draft of a channel would change"},
    {"secret", causeway::command_secret, "set | list | remove what channels call secret:NAME"},
    {"send", causeway::command_send, "send HL7 v2 messages by MLLP and print the answers"},
    {"hl7", causeway::command_hl7, "check HL7 v2 messages in files"},
    {"messages", causeway::command_messages,
     "find | show | export | import stored messages; watch what happens to them"},
    {"queue", causeway::command_queue,
     "show what waits, is held or parked, and why; retry, skip, close it"},
    {"errors", causeway::command_errors, "what fails, grouped by cause, and its messages"},
    {"replay", causeway::command_replay,
     "send stored messages through their channels once more, or show what would differ"},
    {"alerts", causeway::command_alerts, "list | acknowledge | silence | … what is wrong now"},
    {"backup", causeway::command_backup, "back the store up, and try the backup"},
    {"restore", causeway::command_restore, "restore a backup; release what it holds back"},
    {"key", causeway::command_key, "check, rotate, escrow or bring back the master keys"},
    {"user", causeway::command_user, "list | add | grant | … users of an installation"},
    {"token", causeway::command_token, "list | add | revoke API tokens"},
    {"audit", causeway::command_audit, "find | export | verify who did what"},
    {"doctor", causeway::command_doctor, "say what is wrong with an installation"},
    {"engine", causeway::command_engine, nullptr},
};

int usage() {
  std::fprintf(stderr, "usage: causeway COMMAND [ARGUMENTS]\n\n");
  for (const auto& command : commands)
    if (command.summary) std::fprintf(stderr, "  %-10s %s\n", command.name, command.summary);
  std::fprintf(stderr, "\nEach command says what it takes: causeway COMMAND --help\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return usage();
  const std::string name = argv[1];
  const causeway::Words words(argv + 2, argv + argc);
  for (const auto& command : commands)
    if (name == command.name) return command.run(words);
  if (name != "--help" && name != "help")
    std::fprintf(stderr, "causeway: no command \"%s\"\n\n", name.c_str());
  return usage();
}
