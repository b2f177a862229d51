#include "engine/store/cluster/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

namespace causeway::store {
namespace {

constexpr auto poll_interval = Milliseconds(10);
constexpr std::size_t output_tail_bytes = 2000;

Error unavailable(const std::string& program, int code) {
  return {ErrorKind::Unavailable, program, std::string("cannot be started: ") + strerror(code)};
}

struct Pipe {
  int read = -1;
  int write = -1;
  ~Pipe() {
    close_end(read);
    close_end(write);
  }
  static void close_end(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
};

// Runs in the child between fork and exec: async-signal-safe calls only. Returns errno.
int become(char* const* words, int output, const ChildCommand& command, pid_t parent) {
  ::setpgid(0, 0);
  if (command.parent_death_signal != 0) {
    ::prctl(PR_SET_PDEATHSIG, command.parent_death_signal);
    if (::getppid() != parent) return ESRCH;  // the parent died before the call above
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) ::signal(number, SIG_DFL);
  int null = ::open("/dev/null", O_RDONLY);
  if (null >= 0) ::dup2(null, STDIN_FILENO);
  if (output >= 0) {
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
  }
  if (!command.folder.empty() && ::chdir(command.folder.c_str()) != 0) return errno;
  ::execvp(words[0], words);
  return errno;
}

}  // namespace

std::string Ending::str() const {
  if (signal == 0) return "exit code " + std::to_string(exit_code);
  return "signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
}

Result<ChildProcess> ChildProcess::start(const ChildCommand& command) {
  std::vector<char*> words;
  for (const auto& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  int output = -1;
  if (!command.output_file.empty()) {
    output = ::open(command.output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (output < 0) return unavailable(command.output_file, errno);
  }
  // The pipe closes at exec; if exec fails, errno comes through it.
  Pipe failure;
  if (int ends[2]; ::pipe2(ends, O_CLOEXEC) == 0) {
    failure.read = ends[0];
    failure.write = ends[1];
  }
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    int code = become(words.data(), output, command, parent);
    (void)!::write(failure.write, &code, sizeof code);
    ::_exit(127);
  }
  int code = pid < 0 ? errno : 0;
  Pipe::close_end(failure.write);
  Pipe::close_end(output);
  if (pid > 0 && ::read(failure.read, &code, sizeof code) == sizeof code)
    ::waitpid(pid, nullptr, 0);
  if (code != 0) return unavailable(command.words[0], code);
  return ChildProcess(pid);
}

void ChildProcess::signal(int number) const {
  if (!ending_) ::kill(pid_, number);
}

std::optional<Ending> ChildProcess::wait(Milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!ending_) {
    int status = 0;
    const pid_t got = ::waitpid(pid_, &status, WNOHANG);
    if (got == pid_)
      ending_ = WIFSIGNALED(status) ? Ending{0, WTERMSIG(status)} : Ending{WEXITSTATUS(status), 0};
    else if (got < 0 && errno == ECHILD)
      ending_ = Ending{255, 0};
    else if (std::chrono::steady_clock::now() >= until)
      break;
    else
      std::this_thread::sleep_for(poll_interval);
  }
  return ending_;
}

Ending ChildProcess::stop(int number, Milliseconds patience) {
  signal(number);
  if (auto ending = wait(patience)) return *ending;
  signal(SIGKILL);
  while (!wait(std::chrono::seconds(1))) continue;
  return *ending_;
}

Status run_command(const std::vector<std::string>& words, Milliseconds patience) {
  char path[] = "/tmp/causeway-output-XXXXXX";
  const int fd = ::mkstemp(path);
  if (fd < 0) return unavailable(path, errno);
  ::close(fd);
  auto child = ChildProcess::start({.words = words, .output_file = path, .folder = "/"});
  if (!child) {
    ::unlink(path);
    return child.error();
  }
  auto ending = child->wait(patience);
  if (!ending) child->stop(SIGKILL, Milliseconds(0));
  std::ifstream file(path, std::ios::binary);
  std::string output((std::istreambuf_iterator<char>(file)), {});
  ::unlink(path);
  if (!ending) return Error{ErrorKind::TimedOut, words[0], "took too long and was killed"};
  if (ending->clean()) return Done{};
  if (output.size() > output_tail_bytes) output.erase(0, output.size() - output_tail_bytes);
  return Error{ErrorKind::Internal, words[0], "failed (" + ending->str() + "): " + output};
}

bool process_runs(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string stat((std::istreambuf_iterator<char>(file)), {});
  // The state follows the name, which is in parentheses and may hold any character.
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= stat.size()) return false;
  const char state = stat[name_end + 2];
  return state != 'Z' && state != 'X';
}

std::vector<pid_t> processes_in(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<pid_t> found;
  std::error_code error;
  const fs::path wanted = fs::canonical(folder, error);
  if (error) return found;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const pid_t pid = static_cast<pid_t>(std::atoi(entry.path().filename().c_str()));
    if (pid <= 0) continue;
    std::error_code unreadable;
    if (fs::read_symlink(entry.path() / "cwd", unreadable) == wanted && process_runs(pid))
      found.push_back(pid);
  }
  return found;
}

}  // namespace causeway::store
