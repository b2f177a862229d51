// causeway audit: who did what, and whether the trail is as it was written.
#include <cstdio>

#include "engine/api/audit_json.h"
#include "engine/api/target.h"
#include "engine/main/api_client.h"
#include "engine/main/api_services.h"
#include "engine/main/commands.h"
#include "engine/main/installation.h"
#include "engine/security/audit_chain.h"

namespace causeway {
namespace {

constexpr const char* filters[] = {"from", "to", "actor", "action", "channel", "target"};

int usage(std::FILE* to) {
  std::fprintf(
      to,
      "usage: causeway audit find [options]      newest first\n"
      "       causeway audit export [options]    all of it, a JSON object a line\n"
      "       causeway audit verify [--heads FILE]\n"
      "                            names each row that was changed or taken away; without\n"
      "                            an engine it reads the database, and the signed heads in\n"
      "                            audit.heads of the data folder, or a copy of them\n"
      "  --actor NAME  --action OPERATION  --channel PATH  --target TEXT\n"
      "  --from, --to TIME    2026-11-24 or 2026-11-24T17:20:03 (UTC)\n"
      "  --limit N            at most so many found (50)\n"
      "  --database URL       with verify: the PostgreSQL that the site runs\n%s",
      std::string(ApiClient::options_help).c_str());
  return to == stdout ? 0 : 2;
}

int failed(const Error& error) {
  std::fprintf(stderr, "causeway audit: %s\n", error.str().c_str());
  return 1;
}

std::string query_of(const Arguments& arguments) {
  std::string query = "?";
  for (const char* name : filters)
    if (arguments.has(name))
      query += std::string(name) + "=" + api::percent_encoded(arguments.value(name)) + "&";
  return query;
}

int find(ApiClient& client, const Arguments& arguments) {
  auto limit = arguments.number("limit", 50);
  if (!limit) return failed(limit.error());
  auto rows = client.ask_json(
      "GET", "/api/audit" + query_of(arguments) + "limit=" + std::to_string(*limit));
  if (!rows) return failed(rows.error());
  for (const auto& row : list_of(*rows, "items")) {
    const auto reason = text_of(row, "reason");
    std::printf("%s  %lld/%lld  %s (%s, %s)  %s%s%s%s%s  %s%s%s\n", text_of(row, "at").c_str(),
                static_cast<long long>(integer_of(row, "node")),
                static_cast<long long>(integer_of(row, "seq")), text_of(row, "actor").c_str(),
                text_of(row, "proof").c_str(), text_of(row, "peer").c_str(),
                text_of(row, "action").c_str(), text_of(row, "channel").empty() ? "" : " ",
                text_of(row, "channel").c_str(), text_of(row, "target").empty() ? "" : " ",
                text_of(row, "target").c_str(), text_of(row, "outcome").c_str(),
                reason.empty() ? "" : ": ", reason.c_str());
  }
  return 0;
}

int export_rows(ApiClient& client, const Arguments& arguments) {
  auto done = client.stream("/api/audit/export" + query_of(arguments), [](std::string_view piece) {
    return std::fwrite(piece.data(), 1, piece.size(), stdout) == piece.size();
  });
  return done ? 0 : failed(done.error());
}

int print_verdict(bool good, long long rows, long long heads) {
  std::printf("%s: %lld rows, %lld signed heads\n", good ? "good" : "NOT as it was written", rows,
              heads);
  return good ? 0 : 1;
}

void print_finding(long long node, const std::string& text) {
  std::printf("node %lld: %s\n", node, text.c_str());
}

int verify_by_engine(ApiClient& client) {
  auto verdict = client.ask_json("GET", "/api/audit/verify");
  if (!verdict) return failed(verdict.error());
  for (const auto& note : list_of(*verdict, "notes"))
    print_finding(integer_of(note, "node"), text_of(note, "text"));
  for (const auto& finding : list_of(*verdict, "findings"))
    print_finding(integer_of(finding, "node"), text_of(finding, "text"));
  return print_verdict(flag_of(*verdict, "good"), integer_of(*verdict, "rows"),
                       integer_of(*verdict, "heads"));
}

int verify_in_database(const Arguments& arguments) {
  const auto copy = arguments.value("heads");
  auto opened = Installation::open(arguments);
  if (!opened) return failed(opened.error());
  auto& installation = **opened;
  auto key = security::AuditKey::open(audit_key_file(installation.folder()));
  if (!key) return failed(key.error());
  const std::filesystem::path heads =
      copy.empty() ? audit_heads_file(installation.folder()) : std::filesystem::path(copy);
  auto verdict = security::verify_audit(installation.store().audit(), heads, (*key)->public_key(),
                                        audit_heads_file(installation.folder()));
  if (!verdict) return failed(verdict.error());
  for (const auto& note : verdict->notes) print_finding(note.node.value, note.text);
  for (const auto& finding : verdict->findings) print_finding(finding.node.value, finding.text);
  return print_verdict(verdict->findings.empty(), verdict->rows, verdict->heads);
}

}  // namespace

int command_audit(const Words& words) {
  auto arguments = Arguments::parse(words, {{"data", "url", "ca", "database", "heads", "from", "to",
                                             "actor", "action", "channel", "target", "limit"},
                                            {"help"}});
  if (!arguments) return failed(arguments.error()), usage(stderr);
  if (arguments->has("help")) return usage(stdout);
  const auto& given = arguments->words();
  if (given.size() != 1 || (given[0] != "find" && given[0] != "export" && given[0] != "verify"))
    return usage(stderr);
  const bool verifies = given[0] == "verify";
  if (verifies && (arguments->has("heads") || arguments->has("database")))
    return verify_in_database(*arguments);
  auto client = ApiClient::open(*arguments);
  if (!client && verifies && client.error().kind == ErrorKind::NotFound)
    return verify_in_database(*arguments);
  if (!client) return failed(client.error());
  if (verifies) return verify_by_engine(**client);
  return given[0] == "find" ? find(**client, *arguments) : export_rows(**client, *arguments);
}

}  // namespace causeway
