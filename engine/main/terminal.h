// Colours, for what is read on a terminal: only there, and not if NO_COLOR is set or TERM is
// "dumb". Plain value; no thread rule.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace causeway {

enum class Paint : std::uint8_t { Title, Name, Place, Faint, Good, Bad };

class Terminal {
 public:
  explicit Terminal(std::FILE* stream);

  bool has_colours() const { return colours_; }
  std::string paint(Paint paint, std::string_view text) const;

 private:
  bool colours_ = false;
};

}  // namespace causeway
