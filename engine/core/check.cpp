#include "engine/core/check.h"

#include <cstdio>
#include <cstdlib>

namespace causeway {

void check_failed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "CHECK failed: %s at %s:%d\n", what, file, line);
  std::abort();
}

}  // namespace causeway
