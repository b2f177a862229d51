#include "engine/security/permissions.h"

#include <algorithm>

namespace causeway::security {

const std::vector<PermissionEntry>& permissions() {
  static const std::vector<PermissionEntry> all = {
      {Permission::Own, "own", "See and end one's own sessions, change one's own password."},
      {Permission::MonitoringRead, "monitoring.read", "Metrics, health in detail, live events."},
      {Permission::ChannelsRead, "channels.read", "Configuration, revisions and deployments."},
      {Permission::ChannelsEdit, "channels.edit", "Change what is not deployed yet."},
      {Permission::ChannelsDeploy, "channels.deploy", "Deploy, roll back, take away."},
      {Permission::ChannelsControl, "channels.control", "Start, stop and pause channels."},
      {Permission::MessagesRead, "messages.read", "Find messages and see their lineage."},
      {Permission::BodiesRead, "bodies.read", "Content: bodies, responses, script logs, errors."},
      {Permission::MessagesReplay, "messages.replay", "Run messages again."},
      {Permission::MessagesEdit, "messages.edit", "Send on another content than what came."},
      {Permission::MessagesExport, "messages.export", "Take messages out in bulk, bring them in."},
      {Permission::QueuesRead, "queues.read", "What waits, is held or parked, and why."},
      {Permission::QueuesMend, "queues.mend", "Retry, skip, discard, hold, release."},
      {Permission::AlertsMend, "alerts.mend", "Acknowledge and silence alerts, change rules."},
      {Permission::IdentityChange, "identity.change", "Users, tokens, sessions and grants."},
      {Permission::AuditRead, "audit.read", "Find, verify and export the audit trail."},
      {Permission::InstallationChange, "installation.change", "Keys, backups, the engine itself."},
  };
  return all;
}

const std::vector<RoleEntry>& roles() {
  using P = Permission;
  static const std::vector<RoleEntry> all = [] {
    std::vector<Permission> everything;
    for (const auto& entry : permissions()) everything.push_back(entry.permission);
    return std::vector<RoleEntry>{
        {Role::Administrator, "administrator", "May do everything.", everything},
        {Role::Analyst,
         "analyst",
         "Builds and deploys channels, and tries them on stored messages.",
         {P::Own, P::MonitoringRead, P::ChannelsRead, P::ChannelsEdit, P::ChannelsDeploy,
          P::ChannelsControl, P::MessagesRead, P::BodiesRead, P::MessagesReplay, P::QueuesRead,
          P::QueuesMend, P::AlertsMend}},
        {Role::Operator,
         "operator",
         "Keeps messages flowing: finds, mends and replays what failed.",
         {P::Own, P::MonitoringRead, P::ChannelsRead, P::ChannelsControl, P::MessagesRead,
          P::BodiesRead, P::MessagesReplay, P::MessagesEdit, P::QueuesRead, P::QueuesMend,
          P::AlertsMend}},
        {Role::Auditor,
         "auditor",
         "Sees who did what; no content of messages.",
         {P::Own, P::MonitoringRead, P::ChannelsRead, P::MessagesRead, P::AuditRead}},
        {Role::Viewer,
         "viewer",
         "Sees that it runs; no content of messages, and changes nothing.",
         {P::Own, P::MonitoringRead, P::ChannelsRead, P::MessagesRead, P::QueuesRead}},
    };
  }();
  return all;
}

std::string_view to_string(Permission permission) {
  return permissions()[static_cast<std::size_t>(permission)].name;
}

std::string_view to_string(Role role) {
  return roles()[static_cast<std::size_t>(role)].name;
}

std::optional<Role> parse_role(std::string_view name) {
  for (const auto& entry : roles())
    if (entry.name == name) return entry.role;
  return std::nullopt;
}

bool role_has(Role role, Permission permission) {
  const auto& has = roles()[static_cast<std::size_t>(role)].permissions;
  return std::find(has.begin(), has.end(), permission) != has.end();
}

}  // namespace causeway::security
