#include "connectors/database/change_text.h"

#include "connectors/database/replication.h"
#include "connectors/database/row_text.h"
#include "connectors/support/exact_json.h"

namespace causeway::connectors::database {
namespace {

constexpr std::string_view name_of(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::Insert:
      return "insert";
    case Change::Kind::Update:
      return "update";
    case Change::Kind::Delete:
      return "delete";
    case Change::Kind::Truncate:
      break;
  }
  return "truncate";
}

std::string time_text(std::int64_t since_2000_us) {
  // A clock that can't be is not ours to judge; the calendar below ends somewhere.
  constexpr std::int64_t longest_us = std::int64_t{250'000} * 366 * 86'400 * 1'000;
  const auto us = std::clamp<std::int64_t>(since_2000_us, 0, longest_us);
  const auto time =
      std::chrono::sys_days{std::chrono::year{2000} / 1 / 1} + std::chrono::microseconds(us);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                int(clock.minutes().count()), int(clock.seconds().count()),
                int(clock.subseconds().count()));
  return text;
}

/// Those that were sent; of a key, those that are not null.
Status append_row(std::string& out, const Table& table, const SentCells& cells, bool is_key) {
  std::vector<std::string> columns;
  Cells row;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i] || (is_key && cells[i]->kind == Cell::Kind::Null)) continue;
    columns.push_back(table.columns[i].name);
    row.push_back(*cells[i]);
  }
  auto text = row_text(columns, row);
  if (!text) return text.error();
  out += *text;
  return Done{};
}

void append_unchanged(std::string& out, const Change& change) {
  std::string names;
  for (std::size_t i = 0; i < change.row.size(); ++i) {
    if (change.row[i]) continue;
    if (!names.empty()) names += ',';
    append_json_text(names, change.table->columns[i].name);
  }
  if (!names.empty()) out += ",\"unchanged\":[" + names + "]";
}

}  // namespace

Result<std::string> change_text(const Change& change, const Begin& begin) {
  std::string out = "{\"table\":";
  append_json_text(out, change.table->schema + "." + change.table->name);
  out += ",\"change\":";
  append_json_text(out, name_of(change.kind));
  if (!change.row.empty()) {
    out += ",\"row\":";
    if (auto row = append_row(out, *change.table, change.row, false); !row) return row.error();
    append_unchanged(out, change);
  }
  if (!change.old.empty()) {
    out += ",\"old\":";
    if (auto old = append_row(out, *change.table, change.old, change.old_is_key); !old)
      return old.error();
  }
  out += ",\"commit\":\"" + position_text(begin.commit) +
         "\",\"transaction\":" + std::to_string(begin.transaction) + ",\"committed_at\":\"" +
         time_text(begin.at_us) + "\"}";
  return out;
}

}  // namespace causeway::connectors::database
