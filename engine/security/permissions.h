// What somebody may do: permissions, and the roles that are sets of them. Declared once; routes
// name permissions, grants name roles, and the reference page of the API lists both. Immutable; may
// be read by any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace causeway::security {

enum class Permission : std::uint8_t {
  Own,                 ///< What anybody may do who has logged in: see and end own sessions.
  MonitoringRead,      ///< Metrics, health in detail, live events.
  ChannelsRead,        ///< Configuration, revisions, deployments.
  ChannelsEdit,        ///< Change what is not deployed yet.
  ChannelsDeploy,      ///< Deploy, roll back, undeploy.
  ChannelsControl,     ///< Start, stop, pause.
  MessagesRead,        ///< Find messages, see their lineage: no content.
  BodiesRead,          ///< Content of messages: bodies, responses, logs and errors of scripts.
  MessagesReplay,      ///< Run messages again.
  MessagesEdit,        ///< Send on another content than what came.
  MessagesExport,      ///< Take messages out in bulk, and bring them in.
  QueuesRead,          ///< What waits, is held or parked, and why.
  QueuesMend,          ///< Retry, skip, discard, hold, release, mark as delivered.
  AlertsMend,          ///< Acknowledge and silence alerts, change their rules.
  IdentityChange,      ///< Users, tokens, sessions and grants of others.
  AuditRead,           ///< Find, verify and export the audit trail.
  InstallationChange,  ///< Keys, backups, retention, the engine itself.
};

enum class Role : std::uint8_t { Administrator, Analyst, Operator, Auditor, Viewer };

struct PermissionEntry {
  Permission permission;
  std::string_view name;  ///< "messages.read"
  std::string_view doc;
};

struct RoleEntry {
  Role role;
  std::string_view name;  ///< "administrator"
  std::string_view doc;
  std::vector<Permission> permissions;
};

const std::vector<PermissionEntry>& permissions();
const std::vector<RoleEntry>& roles();

std::string_view to_string(Permission permission);
std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view name);
bool role_has(Role role, Permission permission);

}  // namespace causeway::security
