#include "connectors/sftp/ssh_session.h"

#include <openssl/evp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "connectors/support/blocking_dial.h"
#include "engine/core/check.h"

namespace causeway::connectors::sftp {
namespace {

constexpr Milliseconds look_for_stop{50};
constexpr long farewell_ms = 500;
constexpr unsigned keep_alive_s = 30;

/// Left out: CBC, RC4 and SHA-1, but for host keys, where an RSA key knows nothing else here.
constexpr std::array<std::pair<int, const char*>, 5> methods{{
    {LIBSSH2_METHOD_KEX,
     "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
     "ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
     "diffie-hellman-group14-sha256"},
    {LIBSSH2_METHOD_CRYPT_CS, "aes256-ctr,aes192-ctr,aes128-ctr"},
    {LIBSSH2_METHOD_CRYPT_SC, "aes256-ctr,aes192-ctr,aes128-ctr"},
    {LIBSSH2_METHOD_MAC_CS, "hmac-sha2-512,hmac-sha2-256"},
    {LIBSSH2_METHOD_MAC_SC, "hmac-sha2-512,hmac-sha2-256"},
}};

/// Once in a process, before the first session.
void prepare_library() {
  static const bool ready = libssh2_init(0) == 0;
  CHECK(ready);
}

std::string fingerprint_of(const char* sha256) {
  std::array<unsigned char, 48> text{};
  const int length =
      EVP_EncodeBlock(text.data(), reinterpret_cast<const unsigned char*>(sha256), 32);
  std::string base64(reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(length));
  while (!base64.empty() && base64.back() == '=') base64.pop_back();
  return "SHA256:" + base64;
}

char* copied(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));  // libssh2 frees it
  if (copy) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

/// Each question is taken for the one for the password.
void answer_questions(const char*, int, const char*, int, int count,
                      const LIBSSH2_USERAUTH_KBDINT_PROMPT*,
                      LIBSSH2_USERAUTH_KBDINT_RESPONSE* responses, void** abstract) {
  const auto& settings = *static_cast<const ServerSettings*>(*abstract);
  for (int i = 0; i < count; ++i) {
    responses[i].text = copied(settings.password);
    responses[i].length = responses[i].text ? static_cast<unsigned>(settings.password.size()) : 0U;
  }
}

}  // namespace

SshSession::SshSession(const ServerSettings& settings, const std::atomic<bool>& stop, Socket socket)
    : settings_(settings),
      stop_(stop),
      socket_(std::move(socket)),
      patience_(settings.connect_timeout) {
  prepare_library();
  session_ =
      libssh2_session_init_ex(nullptr, nullptr, nullptr, const_cast<ServerSettings*>(&settings_));
  CHECK(session_ != nullptr);
  libssh2_session_set_blocking(session_, 0);
  libssh2_keepalive_config(session_, 1, keep_alive_s);
}

/// Nothing of libssh2 waits for a socket that is shut.
void SshSession::lose() {
  lost_ = true;
  ::shutdown(socket_.fd(), SHUT_RDWR);
}

SshSession::~SshSession() {
  libssh2_session_set_blocking(session_, 1);
  libssh2_session_set_timeout(session_, farewell_ms);
  if (!lost_) libssh2_session_disconnect(session_, "done");
  ::shutdown(socket_.fd(), SHUT_RDWR);
  libssh2_session_free(session_);
}

Result<std::unique_ptr<SshSession>> SshSession::open(EventLoop& loop,
                                                     const ServerSettings& settings,
                                                     const std::atomic<bool>& stop) {
  auto socket = dial_and_wait(loop, {settings.host, settings.port, settings.connect_timeout}, stop);
  if (!socket) return socket.error();
  std::unique_ptr<SshSession> session(new SshSession(settings, stop, std::move(*socket)));
  if (auto shaken = session->shake_hands(); !shaken) return shaken.error();
  if (auto checked = session->check_host_key(); !checked) return checked.error();
  if (auto in = session->log_in(); !in) return in.error();
  session->patience_ = settings.timeout;
  return session;
}

Status SshSession::wait(SteadyTime deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
    const auto fail = [&](ErrorKind kind, const char* text) {
      lose();
      return Error{kind, host_and_port(settings_.host, settings_.port), text};
    };
    if (stop_) return fail(ErrorKind::Stopped, "stopped");
    if (left.count() <= 0) return fail(ErrorKind::TimedOut, "no answer in time");
    pollfd waiting{socket_.fd(), 0, 0};
    const int directions = libssh2_session_block_directions(session_);
    if ((directions & LIBSSH2_SESSION_BLOCK_INBOUND) != 0) waiting.events |= POLLIN;
    if ((directions & LIBSSH2_SESSION_BLOCK_OUTBOUND) != 0) waiting.events |= POLLOUT;
    if (::poll(&waiting, 1, static_cast<int>(std::min(left, look_for_stop).count())) > 0)
      return Done{};
  }
}

Error SshSession::failure(const std::string& what) {
  char* text = nullptr;
  int length = 0;
  const int code = libssh2_session_last_error(session_, &text, &length, 0);
  const bool of_connection =
      code != LIBSSH2_ERROR_SFTP_PROTOCOL && code != LIBSSH2_ERROR_AUTHENTICATION_FAILED &&
      code != LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED && code != LIBSSH2_ERROR_FILE;
  if (of_connection) lose();
  return {ErrorKind::Unavailable, host_and_port(settings_.host, settings_.port),
          what + ": " + std::string(text, static_cast<std::size_t>(length))};
}

Status SshSession::shake_hands() {
  for (const auto& [method, names] : methods)
    if (libssh2_session_method_pref(session_, method, names) != 0)
      return failure("this library has none of the algorithms");
  auto shaken = run([&] { return libssh2_session_handshake(session_, socket_.fd()); });
  if (!shaken) return shaken.error();
  if (*shaken != 0) return failure("no SSH connection");
  return Done{};
}

Status SshSession::check_host_key() {
  const char* hash = libssh2_hostkey_hash(session_, LIBSSH2_HOSTKEY_HASH_SHA256);
  if (!hash) return failure("no host key");
  const auto fingerprint = fingerprint_of(hash);
  if (settings_.fingerprints.empty()) return check_known_hosts(fingerprint);
  for (const auto& known : settings_.fingerprints)
    if (known == fingerprint) return Done{};
  return Error{ErrorKind::Refused, host_and_port(settings_.host, settings_.port),
               "the server's host key is not the one of host_key: it is " + fingerprint};
}

Status SshSession::check_known_hosts(const std::string& fingerprint) {
  const std::unique_ptr<LIBSSH2_KNOWNHOSTS, decltype(&libssh2_knownhost_free)> hosts(
      libssh2_knownhost_init(session_), &libssh2_knownhost_free);
  if (!hosts || ::access(settings_.known_hosts_file.c_str(), R_OK) != 0 ||
      libssh2_knownhost_readfile(hosts.get(), settings_.known_hosts_file.c_str(),
                                 LIBSSH2_KNOWNHOST_FILE_OPENSSH) < 0)
    return Error{ErrorKind::Invalid, settings_.known_hosts_file, "can't read known hosts"};
  std::size_t length = 0;
  int type = 0;
  const char* key = libssh2_session_hostkey(session_, &length, &type);
  if (!key) return failure("no host key");
  const int found = libssh2_knownhost_checkp(
      hosts.get(), settings_.host.c_str(), settings_.port, key, length,
      LIBSSH2_KNOWNHOST_TYPE_PLAIN | LIBSSH2_KNOWNHOST_KEYENC_RAW, nullptr);
  if (found == LIBSSH2_KNOWNHOST_CHECK_MATCH) return Done{};
  return Error{ErrorKind::Refused, host_and_port(settings_.host, settings_.port),
               std::string(found == LIBSSH2_KNOWNHOST_CHECK_MISMATCH
                               ? "the server's host key differs from the one in "
                               : "the server's host key is not in ") +
                   "known_hosts_file: it is " + fingerprint};
}

Status SshSession::log_in() {
  const auto& user = settings_.user;
  auto listed = run([&] {
    return libssh2_userauth_list(session_, user.data(), static_cast<unsigned>(user.size()));
  });
  if (!listed) return listed.error();
  const std::string allowed = *listed ? *listed : "";
  bool in = !*listed && libssh2_userauth_authenticated(session_) != 0;
  const bool by_key = allowed.find("publickey") != std::string::npos;
  if (!in && by_key && !settings_.key_file.empty()) in = log_in_by_key();
  if (!in && by_key && settings_.agent && !lost_) in = log_in_by_agent();
  if (!in && !settings_.password.empty() && !lost_) in = log_in_by_password(allowed);
  if (in) return Done{};
  if (lost_) return failure("the connection was lost while logging in");
  return Error{ErrorKind::NotPermitted, host_and_port(settings_.host, settings_.port),
               "the server doesn't let " + user +
                   " in; it allows: " + (allowed.empty() ? "nothing" : allowed)};
}

bool SshSession::log_in_by_key() {
  const auto& user = settings_.user;
  auto in = run([&] {
    return libssh2_userauth_publickey_fromfile_ex(
        session_, user.data(), static_cast<unsigned>(user.size()), nullptr,
        settings_.key_file.c_str(),
        settings_.key_passphrase.empty() ? nullptr : settings_.key_passphrase.c_str());
  });
  return in && *in == 0;
}

bool SshSession::log_in_by_agent() {
  const std::unique_ptr<LIBSSH2_AGENT, decltype(&libssh2_agent_free)> agent(
      libssh2_agent_init(session_), &libssh2_agent_free);
  if (!agent || libssh2_agent_connect(agent.get()) != 0) return false;
  const bool in = offer_agent_keys(agent.get()).ok();
  libssh2_agent_disconnect(agent.get());
  return in;
}

Status SshSession::offer_agent_keys(LIBSSH2_AGENT* agent) {
  if (libssh2_agent_list_identities(agent) != 0) return failure("the agent lists no keys");
  libssh2_agent_publickey* key = nullptr;
  while (libssh2_agent_get_identity(agent, &key, key) == 0) {
    auto in = run([&] { return libssh2_agent_userauth(agent, settings_.user.c_str(), key); });
    if (!in) return in.error();
    if (*in == 0) return Done{};
  }
  return Error{ErrorKind::NotPermitted, "", "no key of the agent fits"};
}

bool SshSession::log_in_by_password(const std::string& allowed) {
  const auto& user = settings_.user;
  const auto& password = settings_.password;
  if (allowed.find("password") != std::string::npos) {
    auto in = run([&] {
      return libssh2_userauth_password_ex(session_, user.data(), static_cast<unsigned>(user.size()),
                                          password.data(), static_cast<unsigned>(password.size()),
                                          nullptr);
    });
    if (in && *in == 0) return true;
    if (!in) return false;
  }
  if (allowed.find("keyboard-interactive") == std::string::npos) return false;
  auto in = run([&] {
    return libssh2_userauth_keyboard_interactive_ex(
        session_, user.data(), static_cast<unsigned>(user.size()), &answer_questions);
  });
  return in && *in == 0;
}

bool SshSession::keep_alive() {
  if (lost_) return false;
  int next = 0;
  auto sent = run([&] { return libssh2_keepalive_send(session_, &next); });
  if (!sent || *sent != 0) lose();
  return !lost_;
}

}  // namespace causeway::connectors::sftp
