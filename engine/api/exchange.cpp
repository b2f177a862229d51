#include "engine/api/exchange.h"

namespace causeway::api {

std::string_view HttpRequest::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : found->second;
}

Reply json_reply(std::string json, int status) {
  Reply reply;
  reply.status = status;
  reply.body = std::move(json);
  return reply;
}

Reply created(std::string location, std::string json) {
  auto reply = json_reply(std::move(json), 201);
  reply.headers.emplace_back("Location", std::move(location));
  return reply;
}

Reply no_content() {
  Reply reply;
  reply.status = 204;
  reply.content_type.clear();
  return reply;
}

}  // namespace causeway::api
