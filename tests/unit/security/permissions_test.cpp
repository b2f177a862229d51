#include "engine/security/permissions.h"

#include <catch2/catch.hpp>

#include "engine/security/caller.h"

using namespace causeway::security;

TEST_CASE("Permissions: listed in the order of their numbers, so that a name is found by it") {
  for (std::size_t i = 0; i < permissions().size(); ++i)
    CHECK(static_cast<std::size_t>(permissions()[i].permission) == i);
  for (std::size_t i = 0; i < roles().size(); ++i) {
    CHECK(static_cast<std::size_t>(roles()[i].role) == i);
    CHECK(parse_role(roles()[i].name) == roles()[i].role);
  }
  CHECK_FALSE(parse_role("root"));
}

TEST_CASE("Permissions: content and changes are not for who only watches") {
  for (const auto role : {Role::Viewer, Role::Auditor})
    for (const auto permission :
         {Permission::BodiesRead, Permission::MessagesReplay, Permission::MessagesEdit,
          Permission::MessagesExport, Permission::QueuesMend, Permission::ChannelsDeploy})
      CHECK_FALSE(role_has(role, permission));
  for (const auto& role : roles())
    CHECK(role_has(role.role, Permission::IdentityChange) == (role.role == Role::Administrator));
}

TEST_CASE("Caller: a scope is a folder, not the beginning of a name") {
  CHECK(covers("", "lab/oru"));
  CHECK(covers("lab", "lab/oru"));
  CHECK(covers("lab", "lab"));
  CHECK_FALSE(covers("lab", "laboratory"));
  CHECK_FALSE(covers("lab/oru", "lab"));
  CHECK_FALSE(covers("lab", ""));
}

TEST_CASE("Caller: grants add up, each in its scope") {
  const Caller caller{
      .name = "a",
      .proof = Proof::Session,
      .user = 1,
      .grants = {{Role::Viewer, ""}, {Role::Operator, "lab"}, {Role::Operator, "lab"}}};
  CHECK(caller.may(Permission::MessagesRead, "rad/x"));
  CHECK_FALSE(caller.may(Permission::BodiesRead, "rad/x"));
  CHECK(caller.may(Permission::BodiesRead, "lab/x"));
  CHECK_FALSE(caller.may_everywhere(Permission::BodiesRead));
  CHECK(caller.scopes(Permission::BodiesRead) == std::vector<std::string>{"lab"});
  CHECK(caller.scopes(Permission::MessagesRead) == std::vector<std::string>{""});
  CHECK(caller.scopes(Permission::IdentityChange).empty());
}
