#include "engine/api/problem.h"

#include "engine/api/json_text.h"

namespace causeway::api {
namespace {

std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "The request is not as documented";
    case 401:
      return "Who are you?";
    case 403:
      return "Not permitted";
    case 404:
      return "Not found";
    case 405:
      return "Another method is needed";
    case 409:
      return "In conflict with the present state";
    case 410:
      return "The content is gone";
    case 413:
      return "Too large";
    case 415:
      return "Another content type is needed";
    case 422:
      return "Understood, and refused";
    case 429:
      return "Too often";
    case 503:
      return "Not available just now";
    default:
      return "The engine failed";
  }
}

Reply written(int status, std::string_view kind, std::string_view detail,
              const config::Problems* problems) {
  JsonText json;
  json.begin_object().member("type", "about:blank").member("title", title_of(status));
  json.member("status", status);
  if (!kind.empty()) json.member("kind", kind);
  if (!detail.empty()) json.member("detail", detail);
  if (problems) {
    json.key("problems").begin_list();
    for (const auto& each : problems->list) {
      json.begin_object();
      if (!each.file.empty()) json.member("file", each.file);
      if (each.place.line > 0)
        json.member("line", each.place.line).member("column", each.place.column);
      json.member("pointer", each.pointer).member("text", each.text).end_object();
    }
    json.end_list();
  }
  auto reply = json_reply(json.end_object().take(), status);
  reply.content_type = "application/problem+json";
  return reply;
}

}  // namespace

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Invalid:
      return 400;
    case ErrorKind::NotPermitted:
      return 403;
    case ErrorKind::NotFound:
      return 404;
    case ErrorKind::Conflict:
      return 409;
    case ErrorKind::Damaged:
      return 410;
    case ErrorKind::Limit:
      return 413;
    case ErrorKind::Refused:
    case ErrorKind::Script:
    case ErrorKind::ScriptLimit:
      return 422;
    case ErrorKind::Unavailable:
    case ErrorKind::LeaseLost:
    case ErrorKind::Stopped:
    case ErrorKind::TimedOut:
      return 503;
    case ErrorKind::None:
    case ErrorKind::Internal:
      break;
  }
  return 500;
}

Reply problem(const Error& error) {
  return written(status_of(error.kind), to_string(error.kind), {}, nullptr);
}

Reply problem(ErrorKind kind, std::string_view detail) {
  return written(status_of(kind), to_string(kind), detail, nullptr);
}

Reply problem(ErrorKind kind, std::string_view detail, const config::Problems& problems) {
  return written(status_of(kind), to_string(kind), detail, &problems);
}

Reply problem(int status, std::string_view detail) {
  return written(status, {}, detail, nullptr);
}

}  // namespace causeway::api
