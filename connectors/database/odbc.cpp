#include "connectors/database/odbc.h"

#include "connectors/database/call_thread.h"
#include "connectors/database/odbc_handles.h"

namespace causeway::connectors::database {
namespace {

constexpr std::size_t connection_bytes_max = 16 * 1024;

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") + 1 - first));
}

/// The value of a keyword in a connection string, in the order of `names`; empty: it has none.
std::string word_of(std::string_view connection, std::initializer_list<std::string_view> names) {
  for (const auto name : names)
    for (std::size_t at = 0; at < connection.size();) {
      auto end = connection.find(';', at);
      const auto equals = connection.find('=', at);
      // A value in braces may have semicolons.
      if (equals != connection.npos && equals + 1 < connection.size() &&
          connection[equals + 1] == '{' && equals < end)
        end = connection.find(';', connection.find('}', equals));
      end = std::min(end, connection.size());
      if (equals < end && lower(trimmed(connection.substr(at, equals - at))) == name)
        return trimmed(connection.substr(equals + 1, end - equals - 1));
      at = end + 1;
    }
  return {};
}

std::string in_braces(std::string_view value) {
  std::string out = "{";
  for (const char c : value) {
    out += c;
    if (c == '}') out += c;
  }
  return out + "}";
}

class OdbcSession final : public Session {
 public:
  OdbcSession(const ServerSettings& settings, const std::atomic<bool>& stop)
      : settings_(settings), stop_(stop) {}

  ~OdbcSession() override {
    // Saying good-bye may block, too.
    if (!lost_)
      (void)ask<Done>(
          settings_.timeout, [](OdbcHandles&) { return Done{}; }, true);
  }

  Status connect(const std::string& words) {
    return ask<Done>(settings_.connect_timeout,
                     [words, settings = settings_](OdbcHandles& handles) {
                       return handles.connect(words, settings);
                     });
  }

  Status begin(Access) override { return Done{}; }  // with the first statement
  Status commit() override { return end(true); }
  Status roll_back() override { return end(false); }

  Status read(const Call& call, const Reading& reading, const OnRows& on_rows) override {
    auto opened =
        ask<Done>(settings_.timeout, [call, timeout = settings_.timeout](OdbcHandles& handles) {
          return handles.open_rows(call, timeout);
        });
    if (!opened) return opened.error();
    for (;;) {
      auto slice = ask<OdbcHandles::Slice>(settings_.timeout, [reading](OdbcHandles& handles) {
        return handles.next_rows(reading);
      });
      if (!slice) return slice.error();
      auto goes_on = on_rows(std::move(slice->rows));
      if (!goes_on) return goes_on.error();
      if (!*goes_on || slice->ended) break;
    }
    return ask<Done>(settings_.timeout, [](OdbcHandles& handles) -> Status {
      handles.close_rows();
      return Done{};
    });
  }

  Result<std::int64_t> change(const Call& call) override {
    return ask<std::int64_t>(settings_.timeout,
                             [call, timeout = settings_.timeout](OdbcHandles& handles) {
                               return handles.change(call, timeout);
                             });
  }

  bool is_lost() const override { return lost_; }

 private:
  /// Of a call that may be given up, and then goes on without us.
  template <class T>
  struct Answer {
    std::optional<Result<T>> result;
    bool lost = false;
  };

  Status end(bool commits) {
    return ask<Done>(settings_.timeout,
                     [commits](OdbcHandles& handles) { return handles.end(commits); });
  }

  template <class T, class Ask>
  Result<T> ask(Milliseconds timeout, Ask question, bool is_last = false) {
    auto answer = std::make_shared<Answer<T>>();
    auto handles = handles_;
    if (is_last) handles_.reset();
    const auto ended = thread_.run(
        [answer, handles = std::move(handles), question]() mutable {
          answer->result = question(*handles);
          answer->lost = handles->is_lost();
          handles.reset();
        },
        std::chrono::steady_clock::now() + patience_for(timeout), stop_);
    if (ended != CallThread::End::Done) {
      lost_ = true;
      handles_.reset();
      if (ended == CallThread::End::Stopped) return Error{ErrorKind::Stopped, "", "stopped"};
      return Error{ErrorKind::TimedOut, "", "the driver did not answer in time"};
    }
    if (answer->lost) lost_ = true;
    return std::move(*answer->result);
  }

  const ServerSettings& settings_;
  const std::atomic<bool>& stop_;
  std::shared_ptr<OdbcHandles> handles_ = std::make_shared<OdbcHandles>();
  CallThread thread_;
  bool lost_ = false;
};

class OdbcDatabase final : public Database {
 public:
  explicit OdbcDatabase(ServerSettings settings) : settings_(std::move(settings)) {}

  Result<std::unique_ptr<Session>> open(const std::atomic<bool>& stop) override {
    if (CallThread::too_many_left_alone())
      return Error{ErrorKind::Unavailable, "", "too many calls of ODBC drivers hang"};
    auto session = std::make_unique<OdbcSession>(settings_, stop);
    auto words = settings_.connection;
    if (!settings_.password.empty()) words += ";PWD=" + in_braces(settings_.password);
    if (auto connected = session->connect(words); !connected) return connected.error();
    return std::unique_ptr<Session>(std::move(session));
  }
  Marks marks() const override { return Marks::Questions; }

  std::string address() const override {
    const auto& words = settings_.connection;
    const auto port = word_of(words, {"port"});
    auto where = word_of(words, {"server", "servername", "host", "dsn", "socket"});
    if (!port.empty()) where += ":" + port;
    return "odbc://" + where + "/" + name();
  }
  std::string name() const override {
    return word_of(settings_.connection, {"database", "db", "dsn"});
  }

 private:
  const ServerSettings settings_;
};

}  // namespace

Result<std::unique_ptr<Database>> make_odbc(const ServerSettings& settings) {
  const auto& words = settings.connection;
  if (words.size() > connection_bytes_max)
    return Error{ErrorKind::Limit, "connection", "it is too long"};
  if (!word_of(words, {"pwd", "password"}).empty())
    return Error{ErrorKind::Invalid, "connection",
                 "a password doesn't belong here: give it as \"password\": \"secret:NAME\""};
  if (word_of(words, {"driver", "dsn", "filedsn"}).empty())
    return Error{ErrorKind::Invalid, "connection",
                 "it names no driver: \"Driver=…\" (odbcinst -q -d lists them) or \"DSN=…\""};
  return std::unique_ptr<Database>(std::make_unique<OdbcDatabase>(settings));
}

}  // namespace causeway::connectors::database
