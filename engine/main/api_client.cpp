#include "engine/main/api_client.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/SSLException.h>
#include <Poco/URI.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <istream>
#include <ostream>

#include "engine/api/credentials.h"
#include "engine/main/installation.h"
#include "engine/main/local_access.h"
#include "engine/main/privileges.h"

namespace causeway {
namespace {

namespace net = Poco::Net;

constexpr const char* token_variable = "CAUSEWAY_TOKEN";
constexpr int connect_patience_s = 10;
constexpr int answer_patience_s = 600;  // `audit verify` reads the whole trail
constexpr std::size_t piece_bytes = 64 * 1024;

ErrorKind kind_of(int status) {
  switch (status) {
    case 401:
    case 403:
      return ErrorKind::NotPermitted;
    case 404:
      return ErrorKind::NotFound;
    case 409:
      return ErrorKind::Conflict;
    case 413:
    case 429:
      return ErrorKind::Limit;
    case 503:
      return ErrorKind::Unavailable;
    default:
      return status < 500 ? ErrorKind::Invalid : ErrorKind::Internal;
  }
}

/// The engine's words for why it refused.
Error refusal(int status, const std::string& body) {
  auto problem = config::parse_json(body, "answer");
  if (!problem) return {kind_of(status), "", "the engine answers " + std::to_string(status)};
  auto text = text_of(*problem, "detail");
  if (text.empty()) text = text_of(*problem, "title");
  for (const auto& each : list_of(*problem, "problems"))
    text += "\n  " + text_of(each, "pointer") + ": " + text_of(each, "text");
  return {kind_of(status), "", text};
}

std::unique_ptr<net::HTTPClientSession> session_for(const Poco::URI& uri, const std::string& ca) {
  std::unique_ptr<net::HTTPClientSession> session;
  if (uri.getScheme() == "https") {
    net::Context::Ptr context = new net::Context(net::Context::TLS_CLIENT_USE, ca,
                                                 net::Context::VERIFY_STRICT, 9, ca.empty());
    session = std::make_unique<net::HTTPSClientSession>(uri.getHost(), uri.getPort(), context);
  } else {
    session = std::make_unique<net::HTTPClientSession>(uri.getHost(), uri.getPort());
  }
  session->setTimeout(Poco::Timespan(connect_patience_s, 0), Poco::Timespan(answer_patience_s, 0),
                      Poco::Timespan(answer_patience_s, 0));
  session->setKeepAlive(true);
  return session;
}

/// Who is sitting there: sudo says who has become root.
std::string user_of_this_command() {
  const char* before = ::getuid() == 0 ? std::getenv("SUDO_USER") : nullptr;
  if (before && *before) return before;
  const auto* entry = ::getpwuid(::getuid());
  return entry ? entry->pw_name : std::to_string(::getuid());
}

/// Where the engine that was asked to run on this folder really has it (privileges.h).
Result<LocalAccess> local_access(const Arguments& arguments) {
  const auto folder = Installation::data_folder(arguments);
  auto access = read_local_access(folder);
  std::error_code ignored;
  if (access || std::filesystem::exists(folder / "keys", ignored)) return access;
  auto elsewhere = read_local_access(UnprivilegedUser().home);
  return elsewhere ? elsewhere : access;
}

}  // namespace

struct ApiClient::Session {
  std::unique_ptr<net::HTTPClientSession> http;
};

ApiClient::ApiClient(std::unique_ptr<Session> session, std::string token, bool remote)
    : session_(std::move(session)), token_(std::move(token)), remote_(remote) {}

ApiClient::~ApiClient() = default;

Result<std::unique_ptr<ApiClient>> ApiClient::open(const Arguments& arguments) {
  LocalAccess access;
  const bool remote = arguments.has("url");
  if (remote) {
    const char* token = std::getenv(token_variable);
    if (!token || !*token)
      return Error{ErrorKind::Invalid, token_variable, "with --url, a token is needed there"};
    access = {arguments.value("url"), token};
  } else {
    auto local = local_access(arguments);
    if (!local) return local.error();
    access = *local;
  }
  try {
    const Poco::URI uri(access.url);
    if ((uri.getScheme() != "http" && uri.getScheme() != "https") || uri.getHost().empty())
      return Error{ErrorKind::Invalid, access.url, "is no http or https URL"};
    auto session = std::make_unique<Session>();
    session->http = session_for(uri, arguments.value("ca"));
    return std::unique_ptr<ApiClient>(new ApiClient(std::move(session), access.token, remote));
  } catch (const Poco::Exception& error) {
    return Error{ErrorKind::Invalid, access.url, error.displayText()};
  }
}

Status ApiClient::send(const std::string& method, const std::string& target, const Content& content,
                       const std::function<bool(std::string_view)>& take) {
  try {
    net::HTTPRequest request(method, target, net::HTTPMessage::HTTP_1_1);
    request.set("Authorization", "Bearer " + token_);
    if (!remote_) request.set(std::string(api::local_user_header), user_of_this_command());
    if (!content.bytes.empty()) request.setContentType(content.type);
    request.setContentLength64(static_cast<Poco::Int64>(content.bytes.size()));
    session_->http->sendRequest(request) << content.bytes;
    net::HTTPResponse response;
    auto& in = session_->http->receiveResponse(response);
    const bool refused = response.getStatus() >= 400;
    std::string problem, piece(piece_bytes, '\0');
    // What there is is taken at once: of a stream of events the next may be long in coming.
    while (in.peek() != std::istream::traits_type::eof()) {
      const auto count = in.readsome(piece.data(), static_cast<std::streamsize>(piece.size()));
      if (count <= 0) break;
      const std::string_view read(piece.data(), static_cast<std::size_t>(count));
      if (refused && problem.size() < config::json_bytes_max) problem += read;
      if (!refused && !read.empty() && !take(read)) break;
    }
    if (refused) return refusal(response.getStatus(), problem);
    return Done{};
  } catch (const net::SSLException& error) {
    return Error{ErrorKind::NotPermitted, "TLS", error.displayText()};
  } catch (const Poco::Exception& error) {
    return Error{ErrorKind::Unavailable, session_->http->getHost(),
                 "the engine can't be reached: " + error.displayText()};
  }
}

Result<std::string> ApiClient::answer(const std::string& method, const std::string& target,
                                      const Content& content) {
  std::string answer;
  bool too_large = false;
  auto sent = send(method, target, content, [&](std::string_view piece) {
    answer += piece;
    too_large = answer.size() > answer_bytes_max;
    return !too_large;
  });
  if (!sent) return sent.error();
  if (too_large) return Error{ErrorKind::Limit, target, "the answer is too large"};
  return answer;
}

Result<std::string> ApiClient::ask(const std::string& method, const std::string& target,
                                   const std::string& json) {
  return answer(method, target, {"application/json", json});
}

Result<std::string> ApiClient::send_bytes(const std::string& target, const std::string& bytes) {
  return answer("POST", target, {"application/octet-stream", bytes});
}

Result<config::Value> ApiClient::ask_json(const std::string& method, const std::string& target,
                                          const std::string& json) {
  auto answer = ask(method, target, json);
  if (!answer) return answer.error();
  return config::parse_json(answer->empty() ? "{}" : *answer, "answer");
}

Status ApiClient::stream(const std::string& target,
                         const std::function<bool(std::string_view)>& take) {
  return send("GET", target, {nullptr, {}}, take);
}

std::string text_of(const config::Value& object, std::string_view name) {
  const auto* member = object.find(name);
  return member && member->string() ? *member->string() : std::string();
}

std::int64_t integer_of(const config::Value& object, std::string_view name) {
  const auto* member = object.find(name);
  return member && member->integer() ? *member->integer() : 0;
}

bool flag_of(const config::Value& object, std::string_view name) {
  const auto* member = object.find(name);
  return member && member->boolean() && *member->boolean();
}

const config::Value::List& list_of(const config::Value& object, std::string_view name) {
  static const config::Value::List none;
  const auto* member = object.find(name);
  return member && member->list() ? *member->list() : none;
}

}  // namespace causeway
