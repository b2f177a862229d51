#include <cstdio>

#include "engine/main/doctor/checks.h"

namespace causeway::doctor {

void Report::good(const std::string& text) {
  std::printf("good  %s\n", text.c_str());
}

void Report::weak(const std::string& text, const std::string& remedy) {
  std::printf("weak  %s\n      %s\n", text.c_str(), remedy.c_str());
}

void Report::bad(const std::string& text, const std::string& remedy) {
  bad_ = true;
  std::printf("BAD   %s\n      %s\n", text.c_str(), remedy.c_str());
}

}  // namespace causeway::doctor
