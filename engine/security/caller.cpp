#include "engine/security/caller.h"

#include <algorithm>

namespace causeway::security {

bool covers(std::string_view scope, std::string_view path) {
  if (scope.empty()) return true;
  return path.starts_with(scope) && (path.size() == scope.size() || path[scope.size()] == '/');
}

namespace {

bool any_covers(const std::vector<Grant>& grants, Permission permission, std::string_view path) {
  return std::any_of(grants.begin(), grants.end(), [&](const Grant& grant) {
    return role_has(grant.role, permission) && covers(grant.scope, path);
  });
}

std::vector<std::string> scopes_of(const std::vector<Grant>& grants, Permission permission) {
  std::vector<std::string> found;
  for (const auto& grant : grants)
    if (role_has(grant.role, permission)) found.push_back(grant.scope);
  return found;
}

/// Where both hold: of two folders of which one is in the other, the inner one.
std::vector<std::string> common(const std::vector<std::string>& left,
                                const std::vector<std::string>& right) {
  std::vector<std::string> found;
  for (const auto& one : left)
    for (const auto& other : right) {
      if (covers(one, other)) found.push_back(other);
      if (covers(other, one)) found.push_back(one);
    }
  return found;
}

}  // namespace

bool Caller::may(Permission permission, std::string_view path) const {
  if (permission == Permission::Own) return is_known();
  return any_covers(grants, permission, path) && (!limits || any_covers(*limits, permission, path));
}

bool Caller::may_somewhere(Permission permission) const {
  if (permission == Permission::Own) return is_known();
  return !scopes(permission).empty();
}

std::vector<std::string> Caller::scopes(Permission permission) const {
  auto found = scopes_of(grants, permission);
  if (limits) found = common(found, scopes_of(*limits, permission));
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  if (!found.empty() && found.front().empty()) return {""};
  return found;
}

}  // namespace causeway::security
