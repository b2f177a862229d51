#include "engine/api/openapi.h"

#include <algorithm>
#include <map>

#include "engine/api/json_text.h"
#include "engine/api/target.h"

namespace causeway::api {
namespace {

constexpr std::string_view problem_schema =
    R"({"type":"object","required":["type","title","status"],"properties":{)"
    R"("type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},)"
    R"("kind":{"type":"string","description":"The class of the failure"},)"
    R"("detail":{"type":"string"},"problems":{"type":"array","items":{"type":"object"}}}})";
constexpr std::string_view security_schemes =
    R"({"token":{"type":"http","scheme":"bearer","description":"An API token"},)"
    R"("session":{"type":"apiKey","in":"cookie","name":"causeway_session",)"
    R"("description":"By log-in; changes need the header X-CSRF-Token besides"}})";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

void add_parameters(JsonText& json, const Route& route) {
  json.key("parameters").begin_list();
  for (const auto* fields : {&route.parameters, &route.query}) {
    const bool in_path = fields == &route.parameters;
    for (const auto& field : *fields)
      json.begin_object()
          .member("name", field.name())
          .member("in", in_path ? "path" : "query")
          .member("required", in_path || field.is_required())
          .member("description", field.doc())
          .key("schema")
          .raw(config::plain_schema(field))
          .end_object();
  }
  json.end_list();
}

void add_body(JsonText& json, const Route& route) {
  if (route.body.empty() && route.raw_body.empty()) return;
  json.key("requestBody").begin_object().member("required", true).key("content").begin_object();
  json.key(route.raw_body.empty() ? "application/json" : route.raw_body).begin_object();
  if (route.raw_body.empty()) json.key("schema").raw(config::plain_schema(route.body));
  json.end_object().end_object().end_object();
}

void add_page_schema(JsonText& json, const config::Fields& fields) {
  json.begin_object().member("type", "object").key("required").begin_list().value("items");
  json.end_list().key("properties").begin_object();
  json.key("items").begin_object().member("type", "array");
  json.key("items").raw(config::plain_schema(fields)).end_object();
  json.key("next").begin_object().member("type", "string");
  json.member("description", "Where the next page is; absent on the last").end_object();
  json.end_object().end_object();
}

void add_answer(JsonText& json, const Answer& answer) {
  json.key(std::to_string(answer.status)).begin_object();
  json.member("description", answer.form == Answer::Form::Nothing ? "Done" : "What was asked for");
  if (answer.form != Answer::Form::Nothing) {
    json.key("content").begin_object().key(answer.content_type).begin_object();
    if (answer.form == Answer::Form::Object)
      json.key("schema").raw(config::plain_schema(answer.fields));
    if (answer.form == Answer::Form::Page) {
      json.key("schema");
      add_page_schema(json, answer.fields);
    }
    json.end_object().end_object();
  }
  json.end_object();
}

std::string_view scope_words(Access::Rule rule) {
  switch (rule) {
    case Access::Rule::Public:
      return "anybody";
    case Access::Rule::Filtered:
      return "shows what the caller's grants cover";
    case Access::Rule::InChannel:
      return "a grant that covers the channel";
    case Access::Rule::Everywhere:
      break;
  }
  return "a grant for the whole installation";
}

void add_operation(JsonText& json, const Route& route) {
  const bool is_public = route.access.rule() == Access::Rule::Public;
  json.key(lower(to_string(route.method))).begin_object();
  json.member("operationId", route.operation).member("summary", route.summary);
  const auto segments = parse_target(route.path)->segments;
  json.key("tags").begin_list().value(segments.size() > 1 ? segments[1] : segments[0]).end_list();
  if (is_public) {
    json.key("security").begin_list().end_list();
  } else {
    json.member("x-permission", security::to_string(route.access.permission()));
  }
  json.member("x-scope", scope_words(route.access.rule()));
  json.member("x-audited", route.is_audited());
  add_parameters(json, route);
  add_body(json, route);
  json.key("responses").begin_object();
  add_answer(json, route.answer);
  json.key("default").begin_object().member("description", "What went wrong (RFC 9457)");
  json.key("content").begin_object().key("application/problem+json").begin_object();
  json.key("schema").begin_object().member("$ref", "#/components/schemas/problem").end_object();
  json.end_object().end_object().end_object().end_object().end_object();
}

}  // namespace

std::string openapi(const std::vector<Route>& routes) {
  std::map<std::string, std::vector<const Route*>> by_path;
  for (const auto& route : routes) by_path[route.path].push_back(&route);
  JsonText json;
  json.begin_object().member("openapi", "3.1.0");
  json.key("info").begin_object().member("title", "Causeway").member("version", "1").end_object();
  json.key("security").begin_list();
  json.begin_object().key("token").begin_list().end_list().end_object();
  json.begin_object().key("session").begin_list().end_list().end_object().end_list();
  json.key("paths").begin_object();
  for (const auto& [path, operations] : by_path) {
    json.key(path).begin_object();
    for (const auto* route : operations) add_operation(json, *route);
    json.end_object();
  }
  json.end_object().key("components").begin_object();
  json.key("schemas").begin_object().key("problem").raw(problem_schema).end_object();
  json.key("securitySchemes").raw(security_schemes).end_object();
  return json.end_object().take();
}

}  // namespace causeway::api
