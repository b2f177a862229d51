#include "engine/store/retention_queries.h"

#include <fmt/format.h>

namespace causeway::store::retention_sql {
namespace {

/// `column` is of this day.
std::string in_day(std::string_view column, Day day) {
  return fmt::format("{0} >= {1} AND {0} < {2}", column, first_id_of(day).value,
                     first_id_of(day + std::chrono::days(1)).value);
}

/// The message has open work: see note_open_work.
std::string is_open(std::string_view message) {
  return fmt::format("EXISTS (SELECT 1 FROM open_work w WHERE w.id = {})", message);
}

/// The rows of a partition as they are to be after its rewriting.
std::string rows_to_keep(const PartitionedTable& table, const Selection& selection) {
  const auto source = partition_name(table.name, selection.day);
  const auto messages = partition_name("message", selection.day);
  const auto going = number_list(selection.channels);
  const auto over =
      fmt::format("t.class IN ({}) AND m.channel NOT IN ({}) AND NOT {}",
                  number_list(selection.classes), number_list(selection.held), is_open("m.id"));
  const auto unless_over = [&](std::string_view column) {
    return fmt::format("CASE WHEN {} THEN NULL ELSE t.{} END", over, column);
  };
  const auto from =
      fmt::format(" FROM {} t JOIN {} m ON m.id = t.{} WHERE (m.channel NOT IN ({}) OR {})", source,
                  messages, table.key, going, is_open("m.id"));
  if (table.name == "message")
    return fmt::format(
        "SELECT t.id, t.received_at, t.body_bytes, t.order_key, t.dup_key, t.dup_print, t.body,"
        " t.channel, t.class, t.flags, t.type_key, t.peer_key, t.more_keys, CASE WHEN t.class IN "
        "({}) AND t.channel NOT IN"
        " ({}) AND NOT {} THEN NULL ELSE t.sealed END FROM {} t WHERE t.channel NOT IN ({}) OR {}",
        number_list(selection.classes), number_list(selection.held), is_open("t.id"), source, going,
        is_open("t.id"));
  if (table.name == "passage")
    return fmt::format(
        "SELECT t.id, t.at, t.reply_at, t.channel, t.deployment, t.run, t.cause, t.state, t.class,"
        " t.form, t.reply_bits, t.destinations, t.deliveries, {}, {}, {}{}",
        unless_over("steps"), unless_over("outputs"), unless_over("reply"), from);
  if (table.name == "settlement")
    return fmt::format(
        "SELECT t.id, t.seq, t.at, t.reply_at, t.destination, t.run, t.event, t.attempt,"
        " t.outcome, t.kind, t.class, t.reply_bits, t.terminal, t.part, {}, {}{}",
        unless_over("content"), unless_over("reply"), from);
  if (table.name == "body_chunk")
    return fmt::format(
        "SELECT t.* FROM {} t WHERE EXISTS (SELECT 1 FROM {} o JOIN message m ON m.id = o.message"
        " WHERE o.body = t.body AND (o.class NOT IN ({}) OR m.channel IN ({}) OR {}))",
        source, partition_name("body_of", selection.day), number_list(selection.body_classes),
        number_list(selection.held), is_open("m.id"));
  if (table.name == "body_of") return fmt::format("SELECT t.* FROM {} t", source);
  return "SELECT t.*" + from;  // term, link
}

}  // namespace

std::string number_list(const std::vector<std::int32_t>& numbers) {
  if (numbers.empty()) return "-1";
  return fmt::format("{}", fmt::join(numbers, ","));
}

std::string copy(const PartitionedTable& table, const Selection& selection) {
  const auto name = partition_name(table.name, selection.day);
  return fmt::format(
      "LOCK TABLE {0} IN SHARE ROW EXCLUSIVE MODE;"
      "DROP TABLE IF EXISTS {0}_new;"
      "CREATE TABLE {0}_new (LIKE {1} INCLUDING ALL,"
      "  CONSTRAINT {0}_day CHECK ({2} IS NOT NULL AND {3}));"
      "INSERT INTO {0}_new {4}",
      name, table.name, table.key, in_day(table.key, selection.day),
      rows_to_keep(table, selection));
}

std::string exchange(const PartitionedTable& table, Day day) {
  const auto name = partition_name(table.name, day);
  return fmt::format(
      "ALTER TABLE {1} DETACH PARTITION {0}; DROP TABLE {0};"
      "ALTER TABLE {0}_new RENAME TO {0};"
      "ALTER TABLE {1} ATTACH PARTITION {0} FOR VALUES FROM ({2}) TO ({3});"
      "ALTER TABLE {0} DROP CONSTRAINT {0}_day",
      name, table.name, first_id_of(day).value, first_id_of(day + std::chrono::days(1)).value);
}

std::string forget(const Selection& selection, bool everything) {
  const auto channels = everything
                            ? std::string()
                            : fmt::format(" AND channel IN ({})", number_list(selection.channels));
  std::string sql = fmt::format("DELETE FROM origin WHERE {}{} AND NOT {}",
                                in_day("message", selection.day), channels, is_open("message"));
  const auto over =
      everything ? std::string()
                 : fmt::format(" AND (channel IN ({}) OR (class IN ({}) AND channel NOT IN ({})))",
                               number_list(selection.channels), number_list(selection.classes),
                               number_list(selection.held));
  // State that nothing has changed since; the key that it is sealed with goes too.
  sql +=
      fmt::format("; DELETE FROM script_state WHERE {}{}", in_day("message", selection.day), over);
  if (everything)
    sql += fmt::format("; DELETE FROM term_bucket WHERE {}; DELETE FROM trying WHERE {}",
                       in_day("bucket", selection.day), in_day("message", selection.day));
  return sql;
}

std::string body_classes(Day day) {
  return "SELECT DISTINCT class FROM body_of WHERE " + in_day("body", day);
}

std::string rows_left(const Selection& selection) {
  return fmt::format(
      "SELECT 1 FROM message WHERE {0} AND channel NOT IN ({1}) UNION ALL"
      " SELECT 1 FROM body_of o JOIN message m ON m.id = o.message WHERE {2}"
      "  AND m.channel NOT IN ({1}) LIMIT 1",
      in_day("id", selection.day), number_list(selection.channels),
      in_day("o.body", selection.day));
}

std::string needed_content(const Selection& selection, std::int32_t retention) {
  return fmt::format(
      "SELECT 1 FROM message WHERE {} AND class = {} AND sealed IS NOT NULL"
      " AND (channel IN ({}) OR {}) LIMIT 1",
      in_day("id", selection.day), retention, number_list(selection.held), is_open("message.id"));
}

std::string note_open_work(Day day) {
  std::string sql =
      "CREATE TEMP TABLE IF NOT EXISTS open_work (id bigint PRIMARY KEY); TRUNCATE open_work";
  for (const auto each : {day, day + std::chrono::days(1)})
    sql += fmt::format(
        ";INSERT INTO open_work SELECT id FROM (SELECT message AS id FROM attention WHERE {}"
        " UNION SELECT m.id FROM message m WHERE {} AND NOT EXISTS"
        "  (SELECT 1 FROM passage p WHERE p.id = m.id AND {})"
        " UNION SELECT p.id FROM passage p CROSS JOIN LATERAL unnest(p.destinations) AS d WHERE {}"
        "  AND NOT EXISTS (SELECT 1 FROM settlement s WHERE s.id = p.id AND s.run = p.run"
        "   AND s.destination = d AND s.terminal AND {})"
        // Where a run made several for one destination, each has an end of its own.
        " UNION SELECT p.id FROM passage p CROSS JOIN LATERAL unnest(p.destinations) AS d WHERE {}"
        "  AND cardinality(array_positions(p.destinations, d)) > 1"
        "  AND cardinality(array_positions(p.destinations, d)) > (SELECT count(*) FROM settlement s"
        "   WHERE s.id = p.id AND s.run = p.run AND s.destination = d AND s.terminal AND {})"
        ") open WHERE {}",
        in_day("message", each), in_day("m.id", each), in_day("p.id", each), in_day("p.id", each),
        in_day("s.id", each), in_day("p.id", each), in_day("s.id", each),
        each == day ? "true" : "EXISTS (SELECT 1 FROM body_of WHERE " + in_day("body", day) + ")");
  return sql + "; ANALYZE open_work";
}

std::string count_open_work(Day day) {
  return fmt::format(
      "SELECT count(*) FROM open_work w WHERE {} OR EXISTS"
      " (SELECT 1 FROM body_of o WHERE o.message = w.id AND {})",
      in_day("w.id", day), in_day("o.body", day));
}

std::string bytes_of(Day day) {
  std::string sum;
  for (const auto& table : partitioned_tables)
    sum += fmt::format("{}coalesce(pg_total_relation_size(to_regclass('{}')), 0)",
                       sum.empty() ? "SELECT " : " + ", partition_name(table.name, day));
  return sum;
}

}  // namespace causeway::store::retention_sql
