#include "engine/security/caller.h"

#include <algorithm>

namespace causeway::security {

bool covers(std::string_view scope, std::string_view path) {
  if (scope.empty()) return true;
  return path.starts_with(scope) && (path.size() == scope.size() || path[scope.size()] == '/');
}

bool Caller::may(Permission permission, std::string_view path) const {
  return std::any_of(grants.begin(), grants.end(), [&](const Grant& grant) {
    return role_has(grant.role, permission) && covers(grant.scope, path);
  });
}

bool Caller::may_somewhere(Permission permission) const {
  return std::any_of(grants.begin(), grants.end(),
                     [&](const Grant& grant) { return role_has(grant.role, permission); });
}

std::vector<std::string> Caller::scopes(Permission permission) const {
  std::vector<std::string> found;
  for (const auto& grant : grants)
    if (role_has(grant.role, permission)) found.push_back(grant.scope);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  if (!found.empty() && found.front().empty()) return {""};
  return found;
}

}  // namespace causeway::security
