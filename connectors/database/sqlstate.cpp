#include "connectors/database/sqlstate.h"

#include <array>
#include <utility>

namespace causeway::connectors::database {
namespace {

using Meaning = std::pair<std::string_view, ErrorKind>;

/// Single codes that aren't as their class.
constexpr std::array<Meaning, 8> codes{{
    {"25006", ErrorKind::Unavailable},  // read-only: a standby, or a server that is being moved
    {"25P03", ErrorKind::TimedOut},     // idle in its transaction for too long
    {"42501", ErrorKind::NotPermitted},
    {"42000", ErrorKind::Invalid},
    {"55P03", ErrorKind::Conflict},  // a lock
    {"57014", ErrorKind::TimedOut},  // statement_timeout
    {"HYT00", ErrorKind::TimedOut},
    {"HYT01", ErrorKind::Unavailable},
}};

constexpr std::array<Meaning, 17> classes{{
    {"08", ErrorKind::Unavailable},
    {"0A", ErrorKind::Invalid},
    {"07", ErrorKind::Invalid},
    {"26", ErrorKind::Invalid},
    {"28", ErrorKind::NotPermitted},
    {"25", ErrorKind::Invalid},
    {"34", ErrorKind::Invalid},
    {"3D", ErrorKind::Invalid},
    {"3F", ErrorKind::Invalid},
    {"40", ErrorKind::Conflict},
    {"42", ErrorKind::Invalid},
    {"53", ErrorKind::Unavailable},
    {"54", ErrorKind::Limit},
    {"55", ErrorKind::Unavailable},
    {"57", ErrorKind::Unavailable},
    {"58", ErrorKind::Unavailable},
    {"IM", ErrorKind::Invalid},  // ODBC's driver manager
}};

}  // namespace

ErrorKind kind_of_state(std::string_view state) {
  if (state.empty()) return ErrorKind::Unavailable;
  for (const auto& [code, kind] : codes)
    if (state == code) return kind;
  for (const auto& [begins, kind] : classes)
    if (state.starts_with(begins)) return kind;
  return ErrorKind::Refused;
}

bool is_unknown_commit(std::string_view state) {
  return state == "08007" || state == "40003";
}

}  // namespace causeway::connectors::database
