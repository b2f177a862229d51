// A session with an FTP server, by libcurl: commands, and files that stream.
//
// Used by one thread. Every wait has a deadline, and ends soon after the flag it was opened with is
// set. After a broken connection, a time-out or a stop the session is lost.
// Standard: RFC 959, RFC 2228 and 4217 (TLS), RFC 2428 (EPSV), RFC 3659.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "connectors/ftp/fields.h"

namespace causeway::connectors::ftp {

class Session {
 public:
  /// How a command ended that the server has answered.
  struct Answer {
    int code = 0;      ///< Of the last command: 250.
    std::string text;  ///< All lines of the answer.
    bool is_good() const { return code / 100 == 2; }
  };

  /// A file on its way. Outlived by its session.
  class Transfer {
   public:
    virtual ~Transfer() = default;
    /// 0: the end.
    virtual Result<std::size_t> read(char* to, std::size_t room) = 0;
    virtual Status write(std::string_view bytes) = 0;
    virtual Status finish() = 0;  ///< All is written; the server has said that it has it.
  };

  /// Connected, secured and logged in. Errors: Unavailable, TimedOut, Stopped, NotPermitted,
  /// Refused (its certificate, or no TLS).
  static Result<std::unique_ptr<Session>> open(const ServerSettings& settings,
                                               const std::atomic<bool>& stop);
  ~Session();
  Session(const Session&) = delete;

  /// One after another, until one isn't answered with 2xx or 3xx. No command may have a line end.
  Result<Answer> ask(const std::vector<std::string>& commands);
  /// What a listing command ("MLSD", "LIST") sends for a folder. NotFound: there is none; Invalid:
  /// the server doesn't know the command.
  Result<std::string> list(const std::string& command, const std::string& path,
                           std::size_t bytes_max);
  /// Errors: NotFound (or no right to it), Limit and so on.
  Result<std::unique_ptr<Transfer>> read(const std::string& path);
  Result<std::unique_ptr<Transfer>> write(const std::string& path);

  bool is_lost() const;

 private:
  struct State;
  class Job;
  explicit Session(std::unique_ptr<State> state);
  const std::unique_ptr<State> state_;
};

}  // namespace causeway::connectors::ftp
