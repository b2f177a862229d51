#include "engine/main/queue_decision.h"

#include <cstdio>
#include <fstream>
#include <iterator>

#include "engine/api/json_text.h"
#include "engine/api/target.h"
#include "engine/main/api_client.h"

namespace causeway {
namespace {

int failed(const Error& error) {
  std::fprintf(stderr, "causeway queue: %s\n", error.str().c_str());
  return 1;
}

Result<std::string> read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) return Error{ErrorKind::NotFound, path, "can't be read"};
  return content;
}

Status add_numbers(const Arguments& arguments, api::JsonText& json) {
  for (const auto* name : {"run", "part", "limit"}) {
    if (!arguments.has(name)) continue;
    auto number = arguments.number(name, 0);
    if (!number) return number.error();
    json.member(name, *number);
  }
  return Done{};
}

Result<std::string> request(const std::string& decision, const Arguments& arguments) {
  api::JsonText json;
  json.begin_object().member("decision", decision).member("dry_run", arguments.has("dry-run"));
  for (const auto* name : {"channel", "destination", "reason", "message", "state"})
    if (arguments.has(name)) json.member(name, arguments.value(name));
  if (arguments.has("lane-of")) json.member("lane_of", arguments.value("lane-of"));
  if (auto added = add_numbers(arguments, json); !added) return added.error();
  return json.end_object().take();
}

void print(const config::Value& item) {
  const auto part = integer_of(item, "part");
  const auto refused = text_of(item, "refused");
  std::printf("  %s run %lld%s%s%s\n", text_of(item, "message").c_str(),
              static_cast<long long>(integer_of(item, "run")),
              part > 0 ? (" part " + std::to_string(part)).c_str() : "",
              refused.empty() ? "" : ": refused, ", refused.c_str());
}

}  // namespace

int edit_in_queue(const Arguments& arguments) {
  const auto content = read_whole(arguments.value("content"));
  if (!content) return failed(content.error());
  std::string target =
      "/api/queues/edits?channel=" + api::percent_encoded(arguments.value("channel"));
  for (const auto* name : {"destination", "message", "run", "part", "reason"})
    if (arguments.has(name))
      target += std::string("&") + name + "=" + api::percent_encoded(arguments.value(name));
  auto client = ApiClient::open(arguments);
  if (!client) return failed(client.error());
  auto answer = (*client)->send_bytes(target, *content);
  if (!answer) return failed(answer.error());
  auto edited = config::parse_json(*answer, "answer");
  if (!edited) return failed(edited.error());
  std::printf("%s goes on with the content of %s\n", text_of(*edited, "message").c_str(),
              text_of(*edited, "content").c_str());
  return 0;
}

int hold_in_queue(const std::string& verb, const Arguments& arguments) {
  api::JsonText json;
  json.begin_object();
  for (const auto* name : {"channel", "destination", "reason"})
    json.member(name, arguments.value(name));
  if (arguments.has("lane-of")) json.member("lane_of", arguments.value("lane-of"));
  const bool release = verb == "release";
  if (release) json.member("all", arguments.has("all"));
  auto client = ApiClient::open(arguments);
  if (!client) return failed(client.error());
  auto done = (*client)->ask_json("POST", release ? "/api/queues/releases" : "/api/queues/holds",
                                  json.end_object().take());
  if (!done) return failed(done.error());
  const auto whole = !arguments.has("lane-of") && !arguments.has("all");
  std::printf(
      "%s: %s\n", release ? "released" : "held",
      whole ? "the whole queue" : ("lanes: " + std::to_string(integer_of(*done, "lanes"))).c_str());
  return 0;
}

int decide_on_queue(const std::string& decision, const Arguments& arguments) {
  auto body = request(decision, arguments);
  if (!body) return failed(body.error());
  auto client = ApiClient::open(arguments);
  if (!client) return failed(client.error());
  auto result = (*client)->ask_json("POST", "/api/queues/decisions", *body);
  if (!result) return failed(result.error());
  const auto done = integer_of(*result, "done"), refused = integer_of(*result, "refused");
  std::printf("%s %lld, %lld refused%s\n", arguments.has("dry-run") ? "it would be about" : "done:",
              static_cast<long long>(done), static_cast<long long>(refused),
              flag_of(*result, "more") ? "; there are more than the limit" : "");
  for (const auto& item : list_of(*result, "items")) print(item);
  return refused == 0 ? 0 : 1;
}

}  // namespace causeway
