// Who asks, and what he may do where. A grant is a role within a scope; a scope is a folder of
// channels ("lab" covers "lab/oru_in" and the channel "lab", not "laboratory"), or "" for the whole
// installation. Plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/security/permissions.h"

namespace causeway::security {

struct Grant {
  Role role = Role::Viewer;
  std::string scope;
  bool operator==(const Grant&) const = default;
};

/// Whether the scope covers this channel or folder.
bool covers(std::string_view scope, std::string_view path);

/// How somebody proved who he is.
enum class Proof : std::uint8_t { None, Local, Session, Token };

/// The name of who uses the engine's own machine (Proof::Local); no user has it.
inline constexpr const char* local_name = "local";

struct Caller {
  /// Of the user; "token NAME" for a token; "local:ann" for this machine's access, by its user ann.
  std::string name;
  Proof proof = Proof::None;
  std::int64_t user = 0;     ///< Whose session or token it is; 0: nobody's.
  std::int64_t session = 0;  ///< With Proof::Session.
  std::vector<Grant> grants;
  /// Of a user's token: the user's own grants. The token has no rights that he hasn't.
  std::optional<std::vector<Grant>> limits = {};
  bool must_change_password = false;  ///< Until then he may do nothing else.

  bool is_known() const { return proof != Proof::None; }
  /// In this channel or folder. `Own` is everybody's who is known.
  bool may(Permission permission, std::string_view path) const;
  /// In at least one scope.
  bool may_somewhere(Permission permission) const;
  /// In the whole installation.
  bool may_everywhere(Permission permission) const { return may(permission, ""); }
  /// Where he may: {""} stands for everything, empty for nothing.
  std::vector<std::string> scopes(Permission permission) const;
};

}  // namespace causeway::security
