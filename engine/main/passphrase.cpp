#include "engine/main/passphrase.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>

namespace causeway {
namespace {

std::string asked(const char* question) {
  std::fprintf(stderr, "%s: ", question);
  termios shown{};
  const bool terminal = ::tcgetattr(STDIN_FILENO, &shown) == 0;
  auto hidden = shown;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  if (terminal) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  std::string line;
  std::getline(std::cin, line);
  if (terminal) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
  if (terminal) std::fputc('\n', stderr);
  return line;
}

}  // namespace

Result<std::string> passphrase(const Arguments& arguments) {
  if (!arguments.has("passphrase-file")) return asked("passphrase");
  const auto path = arguments.value("passphrase-file");
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return Error{ErrorKind::NotFound, path, "has no first line"};
  return line;
}

}  // namespace causeway
