#include "tests/support/file_servers.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <thread>

#include "tests/support/tcp_peer.h"

namespace causeway::testing {
namespace {

constexpr uid_t nobody = 65534;
constexpr auto patience = std::chrono::seconds(30);

/// In the child: never returns.
[[noreturn]] void become(const std::vector<std::string>& command) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::geteuid() == 0 &&
      (::setgroups(0, nullptr) != 0 || ::setgid(nobody) != 0 || ::setuid(nobody) != 0))
    ::_exit(126);
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) ::dup2(nowhere, fd);
  ::closefrom(3);
  std::vector<char*> words;
  for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execv(words[0], words.data());
  ::_exit(127);
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  if (!pipe) throw std::runtime_error(command);
  std::string text;
  std::array<char, 512> chunk{};
  while (const auto count = std::fread(chunk.data(), 1, chunk.size(), pipe.get()))
    text.append(chunk.data(), count);
  return text;
}

std::string word(const std::string& text, int number) {
  std::size_t begin = 0;
  for (; number > 0; --number) begin = text.find(' ', begin) + 1;
  return text.substr(begin, text.find_first_of(" \n", begin) - begin);
}

bool listens(std::uint16_t port) {
  try {
    TcpPeer::connect(port);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

ServerProcess::ServerProcess(const std::vector<std::string>& command, std::uint16_t port) {
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ == 0) become(command);
  for (const auto until = std::chrono::steady_clock::now() + patience; !listens(port);) {
    int status = 0;
    const bool ended = ::waitpid(pid_, &status, WNOHANG) == pid_;
    if (ended) pid_ = 0;
    if (ended || std::chrono::steady_clock::now() > until)
      throw std::runtime_error(command[0] + " does not serve");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

ServerProcess::~ServerProcess() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::string server_group() {
  const auto* group = ::getgrgid(::geteuid() == 0 ? nobody : ::getegid());
  return group ? group->gr_name : "nogroup";
}

std::string server_user() {
  const auto* user = ::getpwuid(::geteuid() == 0 ? nobody : ::geteuid());
  return user ? user->pw_name : "nobody";
}

void give_to_server(const std::filesystem::path& path) {
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  if (::geteuid() == 0 && ::chown(path.c_str(), nobody, nobody) != 0)
    throw std::runtime_error("cannot give away " + path.string());
}

FtpServer::FtpServer(Security security, const std::string& certificate, const std::string& key)
    : port_(unused_port()) {
  give_to_server(folder_.path());
  give_to_server(own_.path());
  std::filesystem::permissions(own_.path(), std::filesystem::perms(0755));
  const auto own = own_.path().string();
  const auto id = std::to_string(::geteuid() == 0 ? nobody : ::geteuid());
  std::ofstream(own + "/users") << "lab:" << word(output_of("openssl passwd -6 'open sesame'"), 0)
                                << ":" << id << ":" << id << "::" << folder_.path().string()
                                << ":/bin/false\n";
  give_to_server(own + "/users");
  std::filesystem::permissions(own + "/users", std::filesystem::perms(0600));
  std::ofstream config(own + "/proftpd.conf");
  config << "ServerName test\nServerType standalone\nPort " << port_
         << "\nDefaultAddress 127.0.0.1\nUseIPv6 off\nAuthOrder mod_auth_file.c\nAuthUserFile "
         << own << "/users\nRequireValidShell off\nPersistentPasswd off\nScoreboardFile " << own
         << "/scoreboard\nPidFile " << own
         << "/pid\nDelayEngine off\nWtmpLog off\nSystemLog none\nTransferLog none\n"
            "UseReverseDNS off\nUser "
         << server_user() << "\nGroup " << server_group()
         << "\nAllowOverwrite on\nMaxInstances 100\nFactsOptions UseSlink\n";
  if (security != Security::None) config << tls_words(security, certificate, key);
  config.close();
  start();
}

std::string FtpServer::tls_words(Security security, const std::string& certificate,
                                 const std::string& key) {
  const auto own = own_.path().string();
  for (const auto& file : {certificate, key}) {
    const auto copy = own + "/" + std::filesystem::path(file).filename().string();
    std::filesystem::copy_file(file, copy);
    give_to_server(copy);
    std::filesystem::permissions(copy, std::filesystem::perms(0600));
  }
  std::string words =
      "ModulePath /usr/lib/proftpd\nLoadModule mod_tls.c\nTLSEngine on\nTLSRequired on\n"
      "TLSProtocol TLSv1.2 TLSv1.3\n";
  words += "TLSRSACertificateFile " + own + "/" +
           std::filesystem::path(certificate).filename().string() + "\nTLSRSACertificateKeyFile " +
           own + "/" + std::filesystem::path(key).filename().string() + "\n";
  if (security == Security::Implicit) words += "TLSOptions UseImplicitSSL\n";
  return words;
}

void FtpServer::start() {
  process_ = std::make_unique<ServerProcess>(
      std::vector<std::string>{"/usr/sbin/proftpd", "-n", "-c",
                               (own_.path() / "proftpd.conf").string()},
      port_);
}

PlainFtpServer::PlainFtpServer() : port_(unused_port()) {
  give_to_server(folder_.path());
  process_ = std::make_unique<ServerProcess>(
      std::vector<std::string>{
          "/usr/bin/python3", "-B", std::filesystem::absolute("tests/support/plain_ftp_server.py"),
          std::to_string(port_), folder_.path().string(), "lab", "open sesame"},
      port_);
}

SshServer::SshServer() : user_(server_user()), port_(unused_port()) {
  make_keys();
  give_to_server(folder_.path());
  std::ofstream(keys_.path() / "sshd_config")
      << "ListenAddress 127.0.0.1\nPort " << port_ << "\nHostKey "
      << (keys_.path() / "host").string() << "\nAuthorizedKeysFile "
      << (keys_.path() / "authorized").string()
      << "\nPidFile none\nUsePAM yes\nStrictModes no\nPasswordAuthentication no\n"
         "KbdInteractiveAuthentication no\nMaxStartups 100\nLogLevel QUIET\n"
         "Subsystem sftp internal-sftp\nForceCommand internal-sftp\n";
  start();
}

void SshServer::start() {
  process_ = std::make_unique<ServerProcess>(
      std::vector<std::string>{"/usr/sbin/sshd", "-D", "-f",
                               (keys_.path() / "sshd_config").string()},
      port_);
}

void SshServer::make_keys() {
  const auto folder = keys_.path().string();
  const auto make = [&](const char* name, const char* passphrase) {
    output_of("ssh-keygen -q -t ed25519 -C test -N '" + std::string(passphrase) + "' -f " + folder +
              "/" + name + " 2>&1");
  };
  make("host", "");
  make("client", "");
  make("other", "");
  make("locked", "open sesame");
  output_of("cat " + folder + "/client.pub " + folder + "/locked.pub > " + folder + "/authorized");
  fingerprint_ = word(output_of("ssh-keygen -l -f " + folder + "/host.pub"), 1);
  const auto host_key = output_of("cat " + folder + "/host.pub");
  std::ofstream(keys_.path() / "known_hosts")
      << "[127.0.0.1]:" << port_ << " " << word(host_key, 0) << " " << word(host_key, 1) << "\n";
  give_to_server(keys_.path() / "host");
  std::filesystem::permissions(keys_.path() / "host", std::filesystem::perms(0600));
  std::filesystem::permissions(keys_.path(), std::filesystem::perms(0755));
}

}  // namespace causeway::testing
