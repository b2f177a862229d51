// What the API offers, declared once: from a Route come routing, the checking of parameters,
// permissions and scopes, audit, and OpenAPI. Declarations are immutable; handlers are called by
// several threads at once.
//
//   {.method = Method::Get, .path = "/api/messages", .operation = "find_messages",
//    .summary = "Messages, newest first",
//    .access = filtered(Permission::MessagesRead),
//    .query = with_page({config::text("channel", "This channel, or all in this folder")}),
//    .answer = page_of(found_fields()),
//    .handler = [&](const Request& request) { return find(services, request); }}
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/api/exchange.h"
#include "engine/config/fields.h"
#include "engine/security/caller.h"

namespace causeway::api {

enum class Method : std::uint8_t { Get, Post, Put, Patch, Delete };
std::string_view to_string(Method method);

struct Route;

/// A request whose parameters are as declared, by somebody who may do this.
struct Request {
  const Route& route;
  const HttpRequest& http;  ///< Its `body` is what a route with `raw_body` reads.
  security::Caller caller;
  config::Parsed path, query, body;
  std::string channel;  ///< With `in_channel`: what its function said.

  /// Where the caller may do what this route does: scopes as in Caller::scopes.
  std::vector<std::string> scopes() const;
  /// Whether something in this channel is in those scopes.
  bool sees(std::string_view channel_path) const;
};

using Handler = std::function<Result<Reply>(const Request&)>;
/// The channel or folder that a request is about. NotFound: there is no such thing.
using ChannelOf = std::function<Result<std::string>(const Request&)>;

/// Who may, and where. There is no default: each route says.
class Access {
 public:
  enum class Rule : std::uint8_t {
    Public,     ///< Anybody, without saying who he is.
    Filtered,   ///< With the permission somewhere; the handler shows only what `sees` allows.
    InChannel,  ///< With the permission in the channel it is about. Elsewhere: 404, as if not
                ///< there.
    Everywhere  ///< With the permission in the whole installation.
  };

  Rule rule() const { return rule_; }
  security::Permission permission() const { return permission_; }
  const ChannelOf& channel_of() const { return channel_of_; }

 private:
  Access(Rule rule, security::Permission permission, ChannelOf channel_of)
      : rule_(rule), permission_(permission), channel_of_(std::move(channel_of)) {}
  friend Access open_to_all();
  friend Access filtered(security::Permission permission);
  friend Access in_channel(security::Permission permission, ChannelOf channel_of);
  friend Access everywhere(security::Permission permission);

  Rule rule_;
  security::Permission permission_;
  ChannelOf channel_of_;
};

Access open_to_all();
Access filtered(security::Permission permission);
Access in_channel(security::Permission permission, ChannelOf channel_of);
/// Whose path parameter of this name is a channel's or folder's path.
Access in_channel(security::Permission permission, std::string path_parameter);
Access everywhere(security::Permission permission);

/// What is answered when all is well.
struct Answer {
  enum class Form : std::uint8_t { Nothing, Object, Page, Other };
  Form form = Form::Nothing;
  int status = 204;
  config::Fields fields = {};     ///< Of the object, or of each item of the page.
  std::string content_type = {};  ///< With Form::Other.
};

Answer nothing();
Answer object_of(config::Fields fields, int status = 200);
Answer page_of(config::Fields fields);
Answer bytes_of(std::string content_type);

struct Route {
  Method method = Method::Get;
  std::string path;       ///< "/api/messages/{id}"; each {name} is declared in `parameters`.
  std::string operation;  ///< OpenAPI's operationId, unique: "show_message"
  std::string summary;
  Access access;
  config::Fields parameters = {};  ///< Of the path.
  config::Fields query = {};
  config::Fields body = {};   ///< Of a JSON object; empty: no body is read.
  std::string raw_body = {};  ///< A content type: the body is bytes, for the handler to read.
  std::size_t body_bytes_max = 1024 * 1024;
  Answer answer = {};
  Handler handler = nullptr;

  /// Whether it goes into the audit trail before it is done: what changes something, and what gives
  /// content of messages away. What is open to all writes its own rows.
  bool is_audited() const;
};

inline constexpr std::int64_t page_rows_max = 1000;

/// `fields` and the two of every list: "limit" and "after".
config::Fields with_page(config::Fields fields);
/// {"items": […], "next": "/api/…"}: `items` are JSON texts; `after` empty: this was the last page.
Reply page_reply(const Request& request, const std::vector<std::string>& items,
                 std::string_view after);

}  // namespace causeway::api
