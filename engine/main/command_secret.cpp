// causeway secret: the installation's secrets, which channels refer to as "secret:NAME".
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "engine/config/environment.h"
#include "engine/main/commands.h"
#include "engine/main/installation.h"
#include "engine/main/privileges.h"
#include "engine/store/sealing/sealed_secrets.h"

namespace causeway {
namespace {

constexpr const char* usage =
    "usage: causeway secret set NAME      reads the value from standard input, or asks for it\n"
    "       causeway secret list          names, and when each was set; never values\n"
    "       causeway secret remove NAME\n"
    "       causeway secret reseal        under the newest master key\n"
    "  A channel names a secret as \"secret:NAME\", in fields that take one. Values are kept "
    "encrypted\n"
    "  by the master key, in the data folder's secrets.sealed; a change holds from the next "
    "deploy.\n"
    "  --data FOLDER  the engine's data folder (default: $CAUSEWAY_DATA, .causeway here, or\n"
    "                 /var/lib/causeway)\n";

int failed(const Error& error) {
  std::fprintf(stderr, "causeway secret: %s\n", error.str().c_str());
  return 1;
}

/// While it lives, what is typed is not shown.
class NoEcho {
 public:
  NoEcho() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~NoEcho() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

/// All of standard input, or one line of a terminal; without the last line's end.
Result<std::string> read_value() {
  const bool terminal = ::isatty(STDIN_FILENO) != 0;
  const NoEcho no_echo;
  if (terminal) std::fputs("value (not shown): ", stderr);
  std::string value;
  char buffer[4096];
  for (;;) {
    const auto got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    value.append(buffer, static_cast<std::size_t>(got));
    if (value.size() > store::secret_bytes_max + 2)
      return Error{ErrorKind::Limit, "",
                   "longer than " + std::to_string(store::secret_bytes_max) + " bytes"};
    if (terminal && value.ends_with('\n')) break;
  }
  if (terminal) std::fputs("\n", stderr);
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  if (value.empty()) return Error{ErrorKind::Invalid, "", "no value was given"};
  return value;
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

int list(const store::SealedSecrets& secrets) {
  const auto names = secrets.names();
  if (!names) return failed(names.error());
  for (const auto& [name, set_at_ms] : *names) {
    const std::time_t at = set_at_ms / 1000;
    std::tm time{};
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", ::gmtime_r(&at, &time));
    std::printf("%-32s %s\n", name.c_str(), text);
  }
  return 0;
}

int finish(const Status& status) {
  return status ? 0 : failed(status.error());
}

int run(const std::string& verb, const std::string& name, store::SealedSecrets& secrets) {
  if (verb == "list") return list(secrets);
  if (verb == "reseal") return finish(secrets.reseal());
  if (verb == "remove") return finish(secrets.remove(name));
  auto value = read_value();
  if (!value) return failed(value.error());
  return finish(secrets.set(name, std::move(*value), now_ms()));
}

bool is_well_formed(const std::vector<std::string>& words) {
  if (words.empty()) return false;
  if (words[0] == "list" || words[0] == "reseal") return words.size() == 1;
  return (words[0] == "set" || words[0] == "remove") && words.size() == 2;
}

}  // namespace

int command_secret(const Words& words) {
  auto arguments = Arguments::parse(words, {{"data"}, {"help"}});
  if (arguments && arguments->has("help")) {
    std::fputs(usage, stdout);
    return 0;
  }
  if (!arguments || !is_well_formed(arguments->words())) {
    if (!arguments) std::fprintf(stderr, "causeway secret: %s\n", arguments.error().str().c_str());
    // A third word may be a value: it is not repeated, and stands in the shell's history by now.
    std::fputs(usage, stderr);
    return 2;
  }
  const auto& verb = arguments->words()[0];
  const auto name = arguments->words().size() > 1 ? arguments->words()[1] : std::string();
  if (!name.empty() && !config::is_reference_name(name))
    return failed(
        {ErrorKind::Invalid, "", "a name may have letters, digits, _, - and .; 64 at most"});
  auto folder = drop_privileges(Installation::data_folder(*arguments));
  if (!folder) return failed(folder.error());
  if (!folder->notice.empty())
    std::fprintf(stderr, "causeway secret: %s\n", folder->notice.c_str());
  auto masters = store::MasterKeys::open(folder->path / "keys");
  if (!masters) return failed(masters.error());
  store::SealedSecrets secrets(folder->path / store::secrets_file, **masters);
  return run(verb, name, secrets);
}

}  // namespace causeway
