#include "engine/api/audit_json.h"

#include <charconv>

#include "engine/api/json_text.h"

namespace causeway::api {
namespace {

/// "1732470000000000.1.17": time, node, number.
bool read_place(std::string_view text, AuditStore::Query& query) {
  std::int64_t at = 0;
  const auto* end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, at);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != '.') return false;
  read = std::from_chars(read.ptr + 1, end, query.before_node.value);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != '.') return false;
  read = std::from_chars(read.ptr + 1, end, query.before_seq);
  query.before_at = SystemTime(std::chrono::microseconds(at));
  return read.ec == std::errc() && read.ptr == end && query.before_seq > 0;
}

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char each : bytes) {
    text += digits[static_cast<unsigned char>(each) >> 4];
    text += digits[static_cast<unsigned char>(each) & 15];
  }
  return text;
}

}  // namespace

std::string audit_place(const AuditRow& row) {
  return std::to_string(row.at.time_since_epoch().count()) + "." + std::to_string(row.node.value) +
         "." + std::to_string(row.seq);
}

Result<AuditStore::Query> audit_query(const AuditQueryText& text, SystemTime now) {
  AuditStore::Query query;
  query.to = now + std::chrono::hours(24);
  for (auto [given, time] : {std::pair(&text.from, &query.from), {&text.to, &query.to}}) {
    if (given->empty()) continue;
    auto parsed = parse_time(*given);
    if (!parsed) return parsed.error();
    *time = *parsed;
  }
  query.actor = text.actor;
  query.action = text.action;
  query.channel = text.channel;
  query.target = text.target;
  query.most = text.limit;
  if (!text.after.empty() && !read_place(text.after, query))
    return Error{ErrorKind::Invalid, "after", "is not where a page ended"};
  return query;
}

std::string audit_row_json(AuditStore& store, const AuditRow& row) {
  JsonText json;
  json.begin_object().member("node", row.node.value).member("seq", row.seq);
  json.member("at", row.at).member("actor", row.actor).member("proof", row.proof);
  json.member("peer", row.peer).member("action", row.action).member("channel", row.channel);
  json.member("target", row.target).member("outcome", row.outcome);
  if (!row.detail.empty()) {
    const auto reason = store.open(row);
    json.member("reason", reason ? *reason : std::string("(can't be opened)"));
  }
  return json.member("hash", hex(row.hash)).end_object().take();
}

std::string verdict_json(const security::AuditVerdict& verdict) {
  JsonText json;
  json.begin_object().member("good", verdict.findings.empty()).member("rows", verdict.rows);
  json.member("heads", verdict.heads);
  for (const auto& [name, list] :
       {std::pair("findings", &verdict.findings), {"notes", &verdict.notes}}) {
    json.key(name).begin_list();
    for (const auto& each : *list)
      json.begin_object()
          .member("node", each.node.value)
          .member("seq", each.seq)
          .member("text", each.text)
          .end_object();
    json.end_list();
  }
  return json.end_object().take();
}

config::Fields audit_row_fields() {
  return {config::integer("node", "The engine that wrote it").required(),
          config::integer("seq", "Its number in the node's chain").required(),
          config::text("at", "UTC"),
          config::text("actor", "Who"),
          config::text("proof", "How he proved it"),
          config::text("peer", "From where"),
          config::text("action", "The operation"),
          config::text("channel", "What it was about; empty: the installation"),
          config::text("target", "A message's number, a user's name, …"),
          config::text("outcome", "begun, failed 409, denied, …"),
          config::text("reason", "As it was given"),
          config::text("hash", "Of this row and the one before, SHA-256")};
}

config::Fields verdict_fields() {
  const config::Fields finding{config::integer("node", "Whose chain"),
                               config::integer("seq", "The row's number"),
                               config::text("text", "What there is to say of it")};
  return {config::boolean("good", "All is as it was written", true),
          config::integer("rows", "Checked"), config::integer("heads", "Signed heads, checked"),
          config::object_list("findings", "What is not as it was written", finding),
          config::object_list("notes", "What a restore has left out", finding)};
}

}  // namespace causeway::api
