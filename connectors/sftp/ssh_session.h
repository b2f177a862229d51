// One SSH connection: made, the server's host key checked, the user logged in. libssh2 never
// blocks in it: every wait is here, has a deadline, and ends soon after a stop.
//
// Used by one thread. After a time-out, a stop or a broken connection the session is lost: nothing
// more can be asked of it. Only connectors/sftp sees this header.
// Standard: RFC 4251 to 4254; host key fingerprints as OpenSSH prints them.
#pragma once

#include <libssh2.h>

#include <atomic>

#include "connectors/sftp/fields.h"
#include "connectors/support/event_loop.h"
#include "connectors/support/socket.h"

namespace causeway::connectors::sftp {

class SshSession {
 public:
  /// Errors: Unavailable, TimedOut, Stopped; Refused (a host key that isn't the right one: its
  /// fingerprint is in the text); NotPermitted (the log-in).
  static Result<std::unique_ptr<SshSession>> open(EventLoop& loop, const ServerSettings& settings,
                                                  const std::atomic<bool>& stop);
  ~SshSession();
  SshSession(const SshSession&) = delete;

  LIBSSH2_SESSION* get() const { return session_; }
  bool is_lost() const { return lost_; }

  /// Repeats a call of libssh2 until it has a result other than EAGAIN.
  template <class Call>
  auto run(Call call) -> Result<decltype(call())> {
    const auto deadline = std::chrono::steady_clock::now() + patience_;
    for (;;) {
      auto result = call();
      if (!is_waiting(result)) return result;
      if (auto waited = wait(deadline); !waited) return waited.error();
    }
  }

  /// For what libssh2 frees only by a call, once the session is lost: nothing can block it then.
  template <class Call>
  void free_lost(Call call) {
    for (int i = 0; i < 3 && call() == LIBSSH2_ERROR_EAGAIN; ++i) continue;
  }

  /// What libssh2 last complained of; Unavailable and lost if the connection is at fault.
  Error failure(const std::string& what);
  bool keep_alive();

 private:
  SshSession(const ServerSettings& settings, const std::atomic<bool>& stop, Socket socket);

  template <class T>
  bool is_waiting(T* pointer) const {
    return pointer == nullptr && libssh2_session_last_errno(session_) == LIBSSH2_ERROR_EAGAIN;
  }
  template <class Number>
  bool is_waiting(Number number) const {
    return number == LIBSSH2_ERROR_EAGAIN;
  }
  Status wait(SteadyTime deadline);
  void lose();
  Status shake_hands();
  Status check_host_key();
  Status check_known_hosts(const std::string& fingerprint);
  Status log_in();
  bool log_in_by_key();
  bool log_in_by_agent();
  bool log_in_by_password(const std::string& methods);
  Status offer_agent_keys(LIBSSH2_AGENT* agent);

  const ServerSettings& settings_;
  const std::atomic<bool>& stop_;
  Socket socket_;
  LIBSSH2_SESSION* session_ = nullptr;
  Milliseconds patience_;  // for one answer
  bool lost_ = false;
};

}  // namespace causeway::connectors::sftp
