// /api/audit: who did what.
#include "engine/api/audit_json.h"
#include "engine/api/problem.h"
#include "engine/api/resources/resources.h"

namespace causeway::api {
namespace {

using security::Permission;

constexpr std::size_t export_page_rows = 1000;

Result<AuditStore::Query> query_of(const Services& services, const Request& request,
                                   std::size_t limit, std::string after) {
  const auto& given = request.query;
  return audit_query({.from = given.text("from"),
                      .to = given.text("to"),
                      .actor = given.text("actor"),
                      .action = given.text("action"),
                      .channel = given.text("channel"),
                      .target = given.text("target"),
                      .after = std::move(after),
                      .limit = limit},
                     services.clock.now());
}

Result<Reply> find(const Services& services, const Request& request) {
  const auto limit = static_cast<std::size_t>(request.query.integer("limit"));
  auto query = query_of(services, request, limit, request.query.text("after"));
  if (!query) return problem(query.error().kind, query.error().str());
  auto rows = services.audit_rows.find(*query);
  if (!rows) return rows.error();
  std::vector<std::string> items;
  for (const auto& row : *rows) items.push_back(audit_row_json(services.audit_rows, row));
  return page_reply(request, items, rows->size() == limit ? audit_place(rows->back()) : "");
}

void write_all(const Services& services, AuditStore::Query query, Stream& stream) {
  query.most = export_page_rows;
  for (;;) {
    auto rows = services.audit_rows.find(query);
    if (!rows) return;
    std::string lines;
    for (const auto& row : *rows) lines += audit_row_json(services.audit_rows, row) + "\n";
    if (!lines.empty() && !stream.write(lines)) return;
    if (rows->size() < export_page_rows) return;
    query.before_at = rows->back().at;
    query.before_node = rows->back().node;
    query.before_seq = rows->back().seq;
  }
}

Result<Reply> export_rows(const Services& services, const Request& request) {
  auto query = query_of(services, request, export_page_rows, "");
  if (!query) return problem(query.error().kind, query.error().str());
  Reply reply;
  reply.content_type = "application/x-ndjson";
  reply.stream = [&services, query = *query](Stream& stream) {
    write_all(services, query, stream);
  };
  return reply;
}

config::Fields filter_fields() {
  return {config::text("from", "From: 2026-11-24 or 2026-11-24T17:20:03"),
          config::text("to", "Before"),
          config::text("actor", "Who"),
          config::text("action", "An operation: read_body"),
          config::text("channel", "This channel, or all in this folder"),
          config::text("target", "A message's number, a user's name, …")};
}

}  // namespace

std::vector<Route> audit_routes(const Services& services) {
  return {
      {.method = Method::Get,
       .path = "/api/audit",
       .operation = "find_audit",
       .summary = "Who did what, newest first",
       .access = everywhere(Permission::AuditRead),
       .query = with_page(filter_fields()),
       .answer = page_of(audit_row_fields()),
       .handler = [&services](const Request& request) { return find(services, request); }},
      {.method = Method::Get,
       .path = "/api/audit/export",
       .operation = "export_audit",
       .summary = "The same, all of it, a JSON object a line",
       .access = everywhere(Permission::AuditRead),
       .query = filter_fields(),
       .answer = bytes_of("application/x-ndjson"),
       .handler = [&services](const Request& request) { return export_rows(services, request); }},
      {.method = Method::Get,
       .path = "/api/audit/verify",
       .operation = "verify_audit",
       .summary = "Whether all is as it was written; names each row that isn't",
       .access = everywhere(Permission::AuditRead),
       .answer = object_of(verdict_fields()),
       .handler = [&services](const Request&) -> Result<Reply> {
         auto verdict = services.verify_audit();
         if (!verdict) return verdict.error();
         return json_reply(verdict_json(*verdict));
       }}};
}

}  // namespace causeway::api
