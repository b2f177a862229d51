// The audit trail as JSON, for the API, for export (a line a row), and for the command that looks
// without an engine. `store` opens the reasons.
#pragma once

#include <string>

#include "engine/config/fields.h"
#include "engine/core/audit.h"
#include "engine/security/audit_verify.h"

namespace causeway::api {

std::string audit_row_json(AuditStore& store, const AuditRow& row);
std::string verdict_json(const security::AuditVerdict& verdict);
config::Fields audit_row_fields();
config::Fields verdict_fields();

struct AuditQueryText {
  std::string from, to, actor, action, channel, target, after;
  std::size_t limit = 50;
};
/// Errors are in words for whoever asked.
Result<AuditStore::Query> audit_query(const AuditQueryText& text, SystemTime now);
/// The place after this row, for the next page's `after`.
std::string audit_place(const AuditRow& row);

}  // namespace causeway::api
