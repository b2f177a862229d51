#include "engine/main/terminal.h"

#include <unistd.h>

#include <cstdlib>

namespace causeway {
namespace {

/// Select Graphic Rendition (ECMA-48), in the order of Paint.
constexpr std::string_view codes[] = {"1;34", "1", "36", "2", "32", "31"};

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : std::string_view();
}

}  // namespace

Terminal::Terminal(std::FILE* stream)
    : colours_(variable("NO_COLOR").empty() && variable("TERM") != "dumb" &&
               ::isatty(::fileno(stream)) == 1) {}

std::string Terminal::paint(Paint paint, std::string_view text) const {
  if (!colours_ || text.empty()) return std::string(text);
  std::string out = "\x1b[";
  out.append(codes[static_cast<std::size_t>(paint)]).append("m").append(text).append("\x1b[0m");
  return out;
}

}  // namespace causeway
