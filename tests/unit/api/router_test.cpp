#include "engine/api/router.h"

#include <catch2/catch.hpp>

using namespace causeway;
using namespace causeway::api;
using security::Caller;
using security::Permission;
using security::Role;

namespace {

struct Trail {
  std::vector<std::string> rows;
  bool away = false;
};

Router::Audit audit_into(Trail& trail) {
  return {
      [&](const Request& request) -> Status {
        if (trail.away) return Error{ErrorKind::Unavailable, "", "the database is away"};
        trail.rows.push_back("before " + request.route.operation);
        return Done{};
      },
      [&](const Request& request, int status) {
        trail.rows.push_back(request.route.operation + " failed " + std::to_string(status));
      },
      [&](const Request& request) { trail.rows.push_back("denied " + request.route.operation); }};
}

std::vector<Route> test_routes() {
  return {{.method = Method::Get,
           .path = "/api/things/{name}",
           .operation = "show",
           .summary = "One",
           .access = in_channel(Permission::ChannelsRead, "name"),
           .parameters = {config::text("name", "Its path").required()},
           .query = {config::integer("n", "A number").between(1, 9).defaults_to(3)},
           .answer = object_of({config::text("name", "Its path")}),
           .handler =
               [](const Request& request) {
                 return json_reply(request.channel + std::to_string(request.query.integer("n")));
               }},
          {.method = Method::Get,
           .path = "/api/things/all",
           .operation = "list",
           .summary = "All",
           .access = filtered(Permission::ChannelsRead),
           .answer = nothing(),
           .handler = [](const Request&) { return no_content(); }},
          {.method = Method::Post,
           .path = "/api/things",
           .operation = "change",
           .summary = "Change",
           .access = everywhere(Permission::InstallationChange),
           .body = {config::text("reason", "Why").required()},
           .answer = nothing(),
           .handler = [](const Request& request) -> Result<Reply> {
             if (request.body.text("reason") == "fail")
               return Error{ErrorKind::Conflict, "", "a patient's name"};
             return no_content();
           }}};
}

Caller caller(Role role, std::string scope) {
  return {.name = "somebody",
          .proof = security::Proof::Token,
          .user = 1,
          .grants = {{role, std::move(scope)}}};
}

HttpRequest request(std::string method, std::string target, std::string body = "") {
  HttpRequest http;
  http.method = std::move(method);
  http.target = std::move(target);
  if (!body.empty()) http.headers["content-type"] = "application/json; charset=utf-8";
  http.body = std::move(body);
  return http;
}

}  // namespace

TEST_CASE("Router: fixed segments go before parameters, and parameters are read") {
  Trail trail;
  const Router router(test_routes(), audit_into(trail));
  const auto admin = caller(Role::Administrator, "");
  CHECK(router.handle(request("GET", "/api/things/all"), admin).status == 204);
  CHECK(router.handle(request("GET", "/api/things/lab%2Foru?n=7"), admin).body == "lab/oru7");
  CHECK(router.handle(request("GET", "/api/things/lab"), admin).body == "lab3");
  CHECK(trail.rows.empty());
}

TEST_CASE("Router: what is not as declared is told with its place") {
  Trail trail;
  const Router router(test_routes(), audit_into(trail));
  const auto admin = caller(Role::Administrator, "");
  for (const auto& [target, pointer] :
       {std::pair<std::string, std::string>{"/api/things/lab?n=0", "/query/n"},
        {"/api/things/lab?n=x", "/query/n"},
        {"/api/things/lab?n=1&n=2", "/query/n"},
        {"/api/things/lab?m=1", "/query/m"}}) {
    CAPTURE(target);
    const auto reply = router.handle(request("GET", target), admin);
    CHECK(reply.status == 400);
    CHECK(reply.content_type == "application/problem+json");
    CHECK(reply.body.find(pointer) != std::string::npos);
  }
  CHECK(router.handle(request("GET", "/api/nothing"), admin).status == 404);
  const auto other_method = router.handle(request("DELETE", "/api/things/lab"), admin);
  CHECK(other_method.status == 405);
  CHECK(other_method.headers == decltype(other_method.headers){{"Allow", "GET"}});
}

TEST_CASE("Router: bodies are JSON objects as declared") {
  Trail trail;
  const Router router(test_routes(), audit_into(trail));
  const auto admin = caller(Role::Administrator, "");
  CHECK(router.handle(request("POST", "/api/things", R"({"reason":"env:X secret:y"})"), admin)
            .status == 204);
  for (const std::string bad : {"{", "[]", "{}", R"({"reason":1})", R"({"reason":"a\u0000b"})",
                                R"({"reason":"x","more":1})", R"({"reason":"x","reason":"y"})"}) {
    CAPTURE(bad);
    CHECK(router.handle(request("POST", "/api/things", bad), admin).status == 400);
  }
  CHECK(router.handle(request("POST", "/api/things"), admin).status == 400);
  auto form = request("POST", "/api/things", R"({"reason":"x"})");
  form.headers["content-type"] = "text/plain";
  CHECK(router.handle(form, admin).status == 415);
  CHECK(router.handle(request("POST", "/api/things", std::string(2 << 20, ' ')), admin).status ==
        413);
}

TEST_CASE("Router: an audited request is written before it is done, and not done otherwise") {
  Trail trail;
  const Router router(test_routes(), audit_into(trail));
  const auto admin = caller(Role::Administrator, "");
  const auto failed = router.handle(request("POST", "/api/things", R"({"reason":"fail"})"), admin);
  CHECK(failed.status == 409);
  CHECK(failed.body.find("patient") == std::string::npos);
  CHECK(trail.rows == std::vector<std::string>{"before change", "change failed 409"});
  trail.away = true;
  CHECK(router.handle(request("POST", "/api/things", R"({"reason":"x"})"), admin).status == 503);
}

TEST_CASE("Router: who may not, learns nothing but that") {
  Trail trail;
  const Router router(test_routes(), audit_into(trail));
  CHECK(router.handle(request("GET", "/api/things/lab?n=x"), {}).status == 401);
  CHECK(router.handle(request("POST", "/api/things", "{"), caller(Role::Viewer, "")).status == 403);
  const auto in_lab = caller(Role::Administrator, "lab");
  CHECK(router.handle(request("POST", "/api/things", R"({"reason":"x"})"), in_lab).status == 403);
  CHECK(router.handle(request("GET", "/api/things/lab%2Foru"), in_lab).status == 200);
  CHECK(router.handle(request("GET", "/api/things/laboratory"), in_lab).status == 404);
  CHECK(router.handle(request("GET", "/api/things/rad"), in_lab).status == 404);
  CHECK(trail.rows ==
        std::vector<std::string>{"denied change", "denied change", "denied show", "denied show"});
}
