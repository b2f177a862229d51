// Linked into test programs of code that refuses to be root: as root, the program becomes `nobody`
// before its first test.
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

namespace {

struct BecomeNobody : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;

  void testRunStarting(const Catch::TestRunInfo&) override {
    constexpr uid_t nobody = 65534;
    if (::geteuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setgid(nobody) != 0 ||
                             ::setuid(nobody) != 0 || ::chdir("/") != 0)) {
      std::perror("cannot become nobody");
      std::exit(1);
    }
    ::prctl(PR_SET_DUMPABLE, 1);  // as it is for programs that were never root
  }
};

}  // namespace

CATCH_REGISTER_LISTENER(BecomeNobody)
