#include "engine/core/crash_note.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace causeway {
namespace {

/// As it stands in the file; read on the same machine.
struct Note {
  std::uint64_t mark = 0;
  std::int64_t message = 0;
  std::int32_t destination = 0;
  std::int16_t run = 0;
  std::uint16_t part = 0;
};

constexpr std::uint64_t note_mark = 0x6e6f746531736177u;
constexpr std::size_t handler_stack_bytes = 64 * 1024;
constexpr int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

int note_file = -1;
thread_local Note in_hand;  // mark: there is something

extern "C" void write_note(int number) {
  if (in_hand.mark == note_mark && note_file >= 0) {
    [[maybe_unused]] auto written = ::pwrite(note_file, &in_hand, sizeof in_hand, 0);
    ::fsync(note_file);
  }
  ::signal(number, SIG_DFL);
  ::raise(number);
}

/// A script that has used up its stack leaves none for the handler.
void give_handler_a_stack() {
  thread_local std::array<char, handler_stack_bytes> stack;
  thread_local bool given = false;
  if (std::exchange(given, true)) return;
  stack_t alternative{};
  alternative.ss_sp = stack.data();
  alternative.ss_size = stack.size();
  ::sigaltstack(&alternative, nullptr);
}

}  // namespace

WorkInHand::WorkInHand(const WorkRef& work) {
  give_handler_a_stack();
  in_hand = {note_mark, work.message.value, work.destination.value, work.run.value, work.part};
}

WorkInHand::~WorkInHand() {
  in_hand.mark = 0;
}

Result<std::optional<WorkRef>> note_crashes_in(const std::filesystem::path& file) {
  note_file = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (note_file < 0) return Error{ErrorKind::Unavailable, file.string(), "can't be written"};
  Note note;
  const auto read = ::pread(note_file, &note, sizeof note, 0);
  const bool noted = read == static_cast<ssize_t>(sizeof note) && note.mark == note_mark;
  if (::ftruncate(note_file, 0) != 0)
    return Error{ErrorKind::Unavailable, file.string(), "can't be emptied"};
  struct sigaction action {};
  action.sa_handler = write_note;
  action.sa_flags = SA_ONSTACK;
  for (const int number : deadly) ::sigaction(number, &action, nullptr);
  if (!noted) return std::optional<WorkRef>();
  return std::optional(WorkRef{MessageId{note.message}, RunNumber{note.run},
                               DestinationId{note.destination}, note.part});
}

}  // namespace causeway
