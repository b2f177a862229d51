#include "engine/store/queries/revisions.h"

#include "engine/store/sealing/big_endian.h"

namespace causeway::store {
namespace {

constexpr const char* find_sql =
    "SELECT id, parent, author, comment, floor(extract(epoch FROM at) * 1000000)::bigint"
    " FROM revision WHERE channel = $1::integer AND hash = $2::bytea";
constexpr const char* add_sql =
    "INSERT INTO revision (channel, parent, hash, author, comment, files)"
    " VALUES ($1::integer, $2::integer, $3::bytea, $4::text, $5::text, $6::bytea)"
    " ON CONFLICT DO NOTHING";
constexpr const char* revision_sql =
    "SELECT hash, parent, author, comment, floor(extract(epoch FROM at) * 1000000)::bigint, files"
    " FROM revision WHERE channel = $1::integer AND id = $2::integer";

constexpr const char* deploy_sql =
    "INSERT INTO deployment (channel, revision, environment, author, comment)"
    " VALUES ($1::integer, $2::integer, $3::bytea, $4::text, $5::text)"
    " RETURNING id, floor(extract(epoch FROM at) * 1000000)::bigint";
constexpr const char* current_sql =
    "SELECT DISTINCT ON (d.channel) d.channel, d.id, d.revision, d.author, d.comment,"
    " floor(extract(epoch FROM d.at) * 1000000)::bigint, d.environment, r.hash"
    " FROM deployment d LEFT JOIN revision r ON r.id = d.revision ORDER BY d.channel, d.id DESC";
constexpr const char* deployment_sql =
    "SELECT d.revision, d.author, d.comment, floor(extract(epoch FROM d.at) * 1000000)::bigint,"
    " d.environment FROM deployment d WHERE d.channel = $1::integer AND d.id = $2::integer";
constexpr const char* last_deployed_by_sql =
    "SELECT DISTINCT ON (d.channel) d.channel, r.hash FROM deployment d"
    " JOIN revision r ON r.id = d.revision WHERE d.author = $1::text"
    " ORDER BY d.channel, d.id DESC";
constexpr const char* history_sql =
    "SELECT d.id, d.revision, d.author, d.comment,"
    " floor(extract(epoch FROM d.at) * 1000000)::bigint,"
    " r.parent, r.hash, r.author, r.comment, floor(extract(epoch FROM r.at) * 1000000)::bigint"
    " FROM deployment d LEFT JOIN revision r ON r.id = d.revision"
    " WHERE d.channel = $1::integer AND ($2::integer = 0 OR d.id < $2::integer)"
    " ORDER BY d.id DESC LIMIT $3::bigint";

constexpr const char* switches_sql = "SELECT channel, part, state FROM switch";
constexpr const char* switch_on_sql =
    "DELETE FROM switch WHERE channel = $1::integer AND part = $2::integer";
constexpr const char* switch_sql =
    "INSERT INTO switch (channel, part, state, author)"
    " VALUES ($1::integer, $2::integer, $3::smallint, $4::text)"
    " ON CONFLICT (channel, part) DO UPDATE SET state = excluded.state, author = excluded.author,"
    " at = now()";

/// Sealed in pieces, each with its length before it.
constexpr std::size_t piece_bytes = 1024 * 1024;
constexpr std::size_t length_bytes = 4;

/// Settings are kept for ever, so no day's retention is theirs: all are under the first day's key.
constexpr RetentionClass for_ever{0};

SealPlace place_of(ChannelId channel, std::size_t piece) {
  return {channel.value, Role::Setting, static_cast<std::uint32_t>(piece)};
}

SystemTime time_of(std::int64_t microseconds) {
  return SystemTime(std::chrono::microseconds(microseconds));
}

}  // namespace

Result<std::string> Revisions::seal(ChannelId channel, std::string_view plain) {
  if (plain.size() > revision_bytes_max)
    return Error{ErrorKind::Limit, "", "the channel's files are too large to be kept"};
  std::string sealed;
  for (std::size_t piece = 0; piece * piece_bytes < plain.size(); ++piece) {
    auto part = sealer_.seal(place_of(channel, piece), for_ever,
                             plain.substr(piece * piece_bytes, piece_bytes));
    if (!part) return part.error();
    append_big_endian<length_bytes>(sealed, part->size());
    sealed += *part;
  }
  return sealed;
}

Result<std::string> Revisions::open(ChannelId channel, std::string_view sealed) {
  const Error damaged{ErrorKind::Damaged, "database", "a channel's stored files are cut short"};
  std::string plain;
  for (std::size_t piece = 0; !sealed.empty(); ++piece) {
    if (sealed.size() < length_bytes) return damaged;
    const auto length = read_big_endian(sealed.substr(0, length_bytes));
    sealed.remove_prefix(length_bytes);
    if (sealed.size() < length) return damaged;
    auto part = sealer_.open(place_of(channel, piece), sealed.substr(0, length));
    if (!part) return part.error();
    plain += *part;
    sealed.remove_prefix(length);
  }
  return plain;
}

Result<std::optional<Revision>> Revisions::find(ChannelId channel, const std::string& hash) {
  auto rows = pool_.query(find_sql, Params().normal(channel.value).bytes(hash));
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<Revision>();
  Revision found;
  found.id = rows->integer32(0, 0);
  found.channel = channel;
  found.parent = rows->integer32(0, 1);
  found.hash = hash;
  found.author = rows->bytes(0, 2);
  found.comment = rows->bytes(0, 3);
  found.at = time_of(rows->integer(0, 4));
  return std::optional(std::move(found));
}

Result<std::int32_t> Revisions::add(const Revision& revision) {
  // An identity column counts on for every insert that finds its row there: so it is looked for
  // first.
  auto found = find(revision.channel, revision.hash);
  if (!found) return found.error();
  if (*found) return (*found)->id;
  auto files = seal(revision.channel, revision.files);
  if (!files) return files.error();
  auto added = pool_.query(add_sql, Params()
                                        .normal(revision.channel.value)
                                        .normal(revision.parent)
                                        .bytes(revision.hash)
                                        .bytes(revision.author)
                                        .bytes(revision.comment)
                                        .bytes(*files));
  if (!added) return added.error();
  found = find(revision.channel, revision.hash);
  if (!found) return found.error();
  if (!*found) return Error{ErrorKind::Internal, "database", "a row that was added is not found"};
  return (*found)->id;
}

Result<Revision> Revisions::revision(ChannelId channel, std::int32_t id) {
  auto rows = pool_.query(revision_sql, Params().normal(channel.value).normal(id));
  if (!rows) return rows.error();
  if (rows->empty())
    return Error{ErrorKind::NotFound, "", "the channel has no revision " + std::to_string(id)};
  auto files = open(channel, rows->bytes(0, 5));
  if (!files) return files.error();
  return Revision{id,
                  channel,
                  rows->integer32(0, 1),
                  std::string(rows->bytes(0, 0)),
                  std::string(rows->bytes(0, 2)),
                  std::string(rows->bytes(0, 3)),
                  time_of(rows->integer(0, 4)),
                  std::move(*files)};
}

Result<Revisions::Deployed> Revisions::deploy(const DeploymentEntry& deployment) {
  auto environment = seal(deployment.channel, deployment.environment);
  if (!environment) return environment.error();
  auto loan = pool_.lend();
  if (!loan) return loan.error();
  auto rows = (*loan)->query(deploy_sql, Params()
                                             .normal(deployment.channel.value)
                                             .normal(deployment.revision)
                                             .bytes(*environment)
                                             .bytes(deployment.author)
                                             .bytes(deployment.comment));
  if (!rows) return rows.error();
  return Deployed{DeploymentId{rows->integer32(0, 0)}, time_of(rows->integer(0, 1))};
}

Result<DeploymentEntry> Revisions::deployment(ChannelId channel, DeploymentId id) {
  auto rows = pool_.query(deployment_sql, Params().normal(channel.value).normal(id.value));
  if (!rows) return rows.error();
  if (rows->empty()) return Error{ErrorKind::NotFound, "", "no such deployment in this channel"};
  auto environment = open(channel, rows->bytes(0, 4));
  if (!environment) return environment.error();
  DeploymentEntry entry;
  entry.id = id;
  entry.channel = channel;
  entry.revision = rows->integer32(0, 0);
  entry.environment = std::move(*environment);
  entry.author = rows->bytes(0, 1);
  entry.comment = rows->bytes(0, 2);
  entry.at = time_of(rows->integer(0, 3));
  return entry;
}

Result<std::map<ChannelId, DeploymentEntry>> Revisions::current() {
  auto rows = pool_.query(current_sql);
  if (!rows) return rows.error();
  std::map<ChannelId, DeploymentEntry> all;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const ChannelId channel{rows->integer32(i, 0)};
    auto environment = open(channel, rows->bytes(i, 6));
    if (!environment) return environment.error();
    auto& entry = all[channel];
    entry.id = DeploymentId{rows->integer32(i, 1)};
    entry.channel = channel;
    entry.revision = rows->integer32(i, 2);
    entry.revision_hash = rows->bytes(i, 7);
    entry.environment = std::move(*environment);
    entry.author = rows->bytes(i, 3);
    entry.comment = rows->bytes(i, 4);
    entry.at = time_of(rows->integer(i, 5));
  }
  return all;
}

Result<std::map<ChannelId, std::string>> Revisions::last_deployed_by(const std::string& author) {
  auto rows = pool_.query(last_deployed_by_sql, std::move(Params().bytes(author)));
  if (!rows) return rows.error();
  std::map<ChannelId, std::string> hashes;
  for (std::size_t i = 0; i < rows->size(); ++i)
    hashes.emplace(ChannelId{rows->integer32(i, 0)}, rows->bytes(i, 1));
  return hashes;
}

Result<std::vector<Revisions::Past>> Revisions::history(ChannelId channel, DeploymentId before,
                                                        std::size_t rows_max) {
  auto rows = pool_.query(history_sql, Params()
                                           .normal(channel.value)
                                           .normal(before.value)
                                           .integer(static_cast<std::int64_t>(rows_max)));
  if (!rows) return rows.error();
  std::vector<Past> all;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    Past past;
    past.deployment.id = DeploymentId{rows->integer32(i, 0)};
    past.deployment.channel = channel;
    past.deployment.revision = rows->integer32(i, 1);
    past.deployment.author = rows->bytes(i, 2);
    past.deployment.comment = rows->bytes(i, 3);
    past.deployment.at = time_of(rows->integer(i, 4));
    if (!rows->is_null(i, 6))
      past.revision = {rows->integer32(i, 1),          channel,
                       rows->integer32(i, 5),          std::string(rows->bytes(i, 6)),
                       std::string(rows->bytes(i, 7)), std::string(rows->bytes(i, 8)),
                       time_of(rows->integer(i, 9)),   {}};
    all.push_back(std::move(past));
  }
  return all;
}

Result<std::map<SwitchKey, Switched>> Revisions::switches() {
  auto rows = pool_.query(switches_sql);
  if (!rows) return rows.error();
  std::map<SwitchKey, Switched> all;
  for (std::size_t i = 0; i < rows->size(); ++i)
    all[{ChannelId{rows->integer32(i, 0)}, rows->integer32(i, 1)}] =
        static_cast<Switched>(rows->integer(i, 2));
  return all;
}

Status Revisions::set_switch(SwitchKey key, Switched to, const std::string& author) {
  Params params;
  params.normal(key.channel.value).normal(key.part);
  const bool on = to == Switched::On;
  if (!on) params.small(static_cast<std::int16_t>(to)).bytes(author);
  auto rows = pool_.query(on ? switch_on_sql : switch_sql, params);
  if (!rows) return rows.error();
  return Done{};
}

}  // namespace causeway::store
