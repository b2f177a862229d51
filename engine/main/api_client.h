// How commands ask an engine: its admin API over HTTP or HTTPS. On the engine's own machine without
// being told (local_access.h), as root or as the engine's user; elsewhere by --url and a token in
// $CAUSEWAY_TOKEN. Used by one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/config/value.h"
#include "engine/main/arguments.h"

namespace causeway {

class ApiClient {
 public:
  /// The names of the options that `open` reads, and what they are for.
  static constexpr std::string_view options[] = {"data", "url", "ca"};
  static constexpr std::string_view options_help =
      "  --data FOLDER        the data folder of an engine on this machine (default: "
      "$CAUSEWAY_DATA,\n"
      "                       .causeway here, or /var/lib/causeway)\n"
      "  --url URL            an engine elsewhere: https://host:8442; the token is in "
      "$CAUSEWAY_TOKEN\n"
      "  --ca FILE            who signed its certificate, PEM (default: the system's "
      "authorities)\n";
  static constexpr std::size_t answer_bytes_max = 256 * 1024 * 1024;

  /// NotFound: no engine runs on the data folder, or none that this user may ask. Nothing is sent
  /// yet.
  static Result<std::unique_ptr<ApiClient>> open(const Arguments& arguments);
  ~ApiClient();

  /// The answer's body. What the engine refuses is an Error of its class, with its own words;
  /// Unavailable: it can't be reached. `json`: the body of a change.
  Result<std::string> ask(const std::string& method, const std::string& target,
                          const std::string& json = {});
  /// The same, read as JSON.
  Result<config::Value> ask_json(const std::string& method, const std::string& target,
                                 const std::string& json = {});
  /// Posts bytes as they are.
  Result<std::string> send_bytes(const std::string& target, const std::string& bytes);
  /// A long answer, piece by piece, until it ends or `take` returns false.
  Status stream(const std::string& target, const std::function<bool(std::string_view)>& take);

  /// Whether it was told where to ask, rather than finding an engine here.
  bool is_remote() const { return remote_; }

 private:
  struct Session;
  ApiClient(std::unique_ptr<Session> session, std::string token, bool remote);
  /// What goes with a request.
  struct Content {
    const char* type = nullptr;
    const std::string& bytes;
  };
  Status send(const std::string& method, const std::string& target, const Content& content,
              const std::function<bool(std::string_view)>& take);
  Result<std::string> answer(const std::string& method, const std::string& target,
                             const Content& content);

  std::unique_ptr<Session> session_;
  std::string token_;
  bool remote_;
};

/// "text" of a member, or "" if it has none.
std::string text_of(const config::Value& object, std::string_view name);
std::int64_t integer_of(const config::Value& object, std::string_view name);
bool flag_of(const config::Value& object, std::string_view name);
/// The list in a member; empty if it has none.
const config::Value::List& list_of(const config::Value& object, std::string_view name);

}  // namespace causeway
