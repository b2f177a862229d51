// Every route there is, asked by every role in every scope about every place: who may, is told here
// a second time, from the route's declaration alone. A route that is added is in it by itself.
#include <catch2/catch.hpp>

#include "engine/api/json_text.h"
#include "engine/api/resources/resources.h"
#include "engine/api/router.h"
#include "engine/api/target.h"
#include "engine/main/api_services.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_database.h"

using namespace causeway;
using namespace causeway::api;
using security::Caller;
using security::Permission;

namespace {

constexpr int reached = 299;

/// Routes alone are looked at: no handler is called.
struct NoChannels final : channel::Control {
  std::vector<channel::DeployResult> deploy(std::vector<channel::ChannelFiles>, const channel::Who&,
                                            channel::Dry, channel::Force) override {
    return {};
  }
  channel::DeployResult roll_back(const std::string&, std::int32_t, const channel::Who&,
                                  channel::Force) override {
    return {};
  }
  Status undeploy(const std::string&, const channel::Who&, channel::Force) override { return none; }
  Status switch_part(const std::string&, const std::string&, channel::PartState,
                     const channel::Who&, channel::Force) override {
    return none;
  }
  std::vector<channel::ChannelView> list() override { return {}; }
  Result<channel::ChannelView> show(const std::string&) override { return none; }
  Result<std::vector<channel::DeploymentView>> history(const std::string&, std::int32_t,
                                                       std::size_t) override {
    return none;
  }
  Result<channel::ChannelFiles> files(const std::string&, std::int32_t) override { return none; }

  const Error none{ErrorKind::NotFound, "", "there are no channels here"};
};

std::vector<Route> declared_routes() {
  testing::TestDatabase database;
  testing::TemporaryFolder folder;
  MachineClock clock;
  NoLog log;
  Metrics metrics;
  auto masters = store::MasterKeys::open(folder.path() / "keys");
  store::StoreOptions options;
  options.conninfo = database.url();
  options.holder = "test";
  auto store = store::PostgresStore::open(options, **masters, clock, log);
  REQUIRE(store);
  NoChannels channels;
  PastRuns past(**store, [](const std::string&) { return nullptr; });
  observe::NetworkTeller teller(nullptr);
  observe::Alerting alerting({folder.path() / "alerts.json", folder.path() / "alerts.state", {}},
                             {}, teller, clock, log, {});
  auto services = ApiServices::make({clock, log, metrics, **store, folder.path(), NodeId{1}, [] {},
                                     channels, [] { return std::string(); },
                                     [](ChannelId) { return nullptr; }, past, alerting});
  REQUIRE(services);
  return all_routes((*services)->services());
}

/// The route with a handler that only says that it was reached, about this channel.
Route about(Route route, const std::string& channel) {
  route.handler = [](const Request& request) {
    auto reply = json_reply(request.channel, reached);
    for (const auto& scope : request.scopes()) reply.headers.emplace_back("scope", scope);
    return reply;
  };
  if (route.access.rule() == Access::Rule::InChannel)
    route.access = in_channel(route.access.permission(),
                              [channel](const Request&) { return Result<std::string>(channel); });
  return route;
}

std::string text_for(const config::Field& field) {
  if (field.type() == config::FieldType::Integer) return std::to_string(field.low().value_or(1));
  return field.choices().empty() ? "x" : field.choices().front();
}

void put_value(JsonText& json, const config::Field& field) {
  using config::FieldType;
  switch (field.type()) {
    case FieldType::Integer:
      json.value(field.low().value_or(1));
      return;
    case FieldType::Boolean:
      json.value(true);
      return;
    case FieldType::TextList:
    case FieldType::ObjectList:
      json.begin_list().end_list();
      return;
    case FieldType::Object:
      json.begin_object();
      for (const auto& member : *field.members())
        if (member.is_required()) put_value(json.key(member.name()), member);
      json.end_object();
      return;
    default:
      json.value(text_for(field));
  }
}

/// A request with all that the route needs, and nothing that is wrong.
HttpRequest request_for(const Route& route) {
  HttpRequest http;
  http.method = to_string(route.method);
  http.target = route.path;
  for (const auto& field : route.parameters) {
    const auto name = "{" + field.name() + "}";
    http.target.replace(http.target.find(name), name.size(), percent_encoded(text_for(field)));
  }
  for (const auto& field : route.query)
    if (field.is_required())
      http.target = with_parameter(http.target, field.name(), text_for(field));
  if (!route.body.empty()) {
    JsonText json;
    json.begin_object();
    for (const auto& field : route.body)
      if (field.is_required()) put_value(json.key(field.name()), field);
    http.body = json.end_object().take();
    http.headers["content-type"] = "application/json";
  }
  return http;
}

bool is_within(const std::string& channel, const std::string& scope) {
  return scope.empty() || channel == scope || channel.rfind(scope + "/", 0) == 0;
}

int expected(const Access& access, const Caller& caller, const std::string& channel) {
  if (access.rule() == Access::Rule::Public) return reached;
  if (!caller.is_known()) return 401;
  if (access.permission() == Permission::Own) return reached;
  const auto& grant = caller.grants.front();
  const auto& has = security::roles()[static_cast<std::size_t>(grant.role)].permissions;
  if (std::find(has.begin(), has.end(), access.permission()) == has.end()) return 403;
  if (access.rule() == Access::Rule::Everywhere) return grant.scope.empty() ? reached : 403;
  if (access.rule() == Access::Rule::Filtered) return reached;
  return is_within(channel, grant.scope) ? reached : 404;
}

void check_route(const Route& route) {
  for (const std::string channel : {"lab/oru", "lab", "laboratory/oru", "rad"}) {
    const Router router({about(route, channel)},
                        {[](const Request&) { return Status(Done{}); }, [](const Request&, int) {},
                         [](const Request&) {}});
    const auto http = request_for(route);
    CHECK(router.handle(http, {}).status == expected(route.access, {}, channel));
    for (const auto& role : security::roles())
      for (const std::string scope : {"", "lab", "lab/oru", "rad"}) {
        Caller caller;
        caller.name = "somebody";
        caller.proof = security::Proof::Token;
        caller.grants = {{role.role, scope}};
        CAPTURE(route.operation, role.name, scope, channel);
        const auto reply = router.handle(http, caller);
        REQUIRE(reply.status == expected(route.access, caller, channel));
        if (reply.status == reached && route.access.rule() == Access::Rule::Filtered &&
            route.access.permission() != Permission::Own)
          CHECK(reply.headers == decltype(reply.headers){{"scope", scope}});
      }
  }
}

}  // namespace

TEST_CASE("Matrix: every route, role and scope") {
  const auto routes = declared_routes();
  CHECK(routes.size() > 20);
  for (const auto& route : routes) check_route(route);
}

TEST_CASE("Matrix: what anybody may ask, without saying who he is, is listed here") {
  std::vector<std::string> open;
  for (const auto& route : declared_routes())
    if (route.access.rule() == Access::Rule::Public) open.push_back(route.operation);
  std::sort(open.begin(), open.end());
  CHECK(open == std::vector<std::string>{"health", "log_in", "openapi"});
}
