#include "engine/core/crash_note.h"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <thread>

#include "tests/support/temporary_folder.h"

namespace causeway {
namespace {

/// How a child ends that notes its crashes in this file.
int ending_of(const std::filesystem::path& file, const std::function<void()>& work) {
  const auto child = ::fork();
  if (child == 0) {
    if (!note_crashes_in(file)) ::_exit(3);
    work();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/// Deeper than any stack; the compiler must not know.
int deeper(volatile int* depth) {
  volatile char room[4096];
  room[0] = static_cast<char>(*depth);
  *depth = *depth + 1;
  if (*depth < 0) return 0;
  return deeper(depth) + room[0];
}

}  // namespace

TEST_CASE("A thread that dies names what it works on, and its death stays what it was") {
  testing::TemporaryFolder folder;
  const auto file = folder.path() / "crashed";
  const WorkRef work{MessageId{77}, RunNumber{2}, DestinationId{5}, 3};
  const auto noted = [&]() -> std::optional<WorkRef> {
    // In a child too: handlers are of the whole process.
    const auto child = ::fork();
    if (child == 0) {
      auto last = note_crashes_in(file);
      ::_exit(!last ? 2 : !*last ? 1 : **last == work ? 0 : 3);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WEXITSTATUS(status) == 0) return work;
    CHECK(WEXITSTATUS(status) == 1);
    return std::nullopt;
  };

  CHECK(ending_of(file, [&] {
          const WorkInHand hand(work);
          std::abort();
        }) == SIGABRT);
  CHECK(noted() == work);
  CHECK_FALSE(noted());  // told once

  SECTION("of the thread that dies, not of others") {
    CHECK(ending_of(file, [&] {
            std::thread other([&] {
              const WorkInHand hand(work);
              ::pause();
            });
            std::thread([] { std::abort(); }).join();
            other.join();
          }) == SIGABRT);
    CHECK_FALSE(noted());
  }
  SECTION("not when the work is done") {
    CHECK(ending_of(file, [&] {
            { const WorkInHand hand(work); }
            std::abort();
          }) == SIGABRT);
    CHECK_FALSE(noted());
  }
  SECTION("a stack that is used up") {
    CHECK(ending_of(file, [&] {
            std::thread([&] {
              const WorkInHand hand(work);
              volatile int depth = 0;
              deeper(&depth);
            }).join();
          }) == SIGSEGV);
    CHECK(noted() == work);
  }
}

}  // namespace causeway
