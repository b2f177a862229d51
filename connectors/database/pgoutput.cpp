#include "connectors/database/pgoutput.h"

#include "connectors/database/value_types.h"
#include "engine/formats/encoding/converter.h"

namespace causeway::connectors::database {

/// Takes bytes off a message; after the end everything reads as zero, and `ok` is false.
class ChangeDecoder::Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <class Number>
  Number number() {
    const auto bytes = take(sizeof(Number));
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return static_cast<Number>(value);
  }
  char letter() { return static_cast<char>(number<std::uint8_t>()); }

  std::string text() {
    const auto end = rest_.find('\0');
    if (end == rest_.npos) {
      fail();
      return {};
    }
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return text;
  }

  std::string_view take(std::size_t count) {
    if (count > rest_.size()) {
      fail();
      return {};
    }
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  SentCells cells(const Table& table) {
    const auto count = number<std::uint16_t>();
    if (count != table.columns.size()) fail();
    SentCells cells;
    for (std::size_t i = 0; i < count && ok_; ++i) cells.push_back(cell(table.columns[i].type));
    return cells;
  }

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::optional<Cell> cell(std::uint32_t type) {
    switch (letter()) {
      case 'n':
        return Cell{};
      case 'u':
        return std::nullopt;
      case 't': {
        const auto size = number<std::uint32_t>();
        return cell_of(type, std::string(take(size)));
      }
      default:  // binary values have not been asked for
        fail();
        return std::nullopt;
    }
  }
  void fail() {
    ok_ = false;
    rest_ = {};
  }

  std::string_view rest_;
  bool ok_ = true;
};

namespace {

bool has_good_names(const Table& table) {
  return encoding::is_utf8(table.schema) && encoding::is_utf8(table.name) &&
         std::all_of(table.columns.begin(), table.columns.end(),
                     [](const auto& column) { return encoding::is_utf8(column.name); });
}

Error malformed() {
  return {ErrorKind::Invalid, "", "a message of the replication breaks its format"};
}

}  // namespace

Result<ChangeDecoder::Decoded> ChangeDecoder::decode(std::string_view message) {
  Reader reader(message);
  const char kind = reader.letter();
  Decoded decoded;
  switch (kind) {
    case 'B': {
      Begin begin;
      begin.commit = reader.number<std::uint64_t>();
      begin.at_us = reader.number<std::int64_t>();
      begin.transaction = reader.number<std::uint32_t>();
      decoded = begin;
      break;
    }
    case 'C':
      reader.take(1 + 8);
      decoded = Commit{reader.number<std::uint64_t>()};
      reader.take(8);
      break;
    case 'R':
      if (auto described = describe(reader); !described) return described.error();
      break;
    case 'I':
    case 'U':
    case 'D': {
      auto changes = change(kind, reader);
      if (!changes) return changes.error();
      decoded = std::move(*changes);
      break;
    }
    case 'T': {
      auto changes = truncate(reader);
      if (!changes) return changes.error();
      decoded = std::move(*changes);
      break;
    }
    case 'O':
    case 'Y':
      return decoded;  // where it comes from, and types, of which only the number counts here
    default:
      return malformed();
  }
  if (!reader.ok() || !reader.at_end()) return malformed();
  return decoded;
}

Status ChangeDecoder::describe(Reader& reader) {
  const auto id = reader.number<std::uint32_t>();
  Table table;
  table.schema = reader.text();
  if (table.schema.empty()) table.schema = "pg_catalog";
  table.name = reader.text();
  reader.take(1);  // what identifies its rows
  const auto columns = reader.number<std::uint16_t>();
  if (columns > columns_max) return malformed();
  for (std::size_t i = 0; i < columns && reader.ok(); ++i) {
    reader.take(1);  // whether it is part of the key
    Table::Column column;
    column.name = reader.text();
    column.type = reader.number<std::uint32_t>();
    reader.take(4);  // the type's modifier
    table.columns.push_back(std::move(column));
  }
  if (!reader.ok() || !has_good_names(table)) return malformed();
  if (tables_.size() >= tables_max && !tables_.contains(id))
    return Error{ErrorKind::Limit, "", "more than 100,000 tables are replicated"};
  tables_[id] = std::move(table);
  return Done{};
}

Result<std::vector<Change>> ChangeDecoder::change(char kind, Reader& reader) {
  const auto found = tables_.find(reader.number<std::uint32_t>());
  if (found == tables_.end()) return malformed();
  Change change;
  change.table = &found->second;
  change.kind = kind == 'I'   ? Change::Kind::Insert
                : kind == 'U' ? Change::Kind::Update
                              : Change::Kind::Delete;
  char part = reader.letter();
  if (kind != 'I' && (part == 'K' || part == 'O')) {
    change.old_is_key = part == 'K';
    change.old = reader.cells(*change.table);
    part = kind == 'U' ? reader.letter() : 'D';
  } else if (kind == 'D') {
    return malformed();
  }
  if (kind != 'D') {
    if (part != 'N') return malformed();
    change.row = reader.cells(*change.table);
  }
  if (!reader.ok()) return malformed();
  return std::vector<Change>{std::move(change)};
}

Result<std::vector<Change>> ChangeDecoder::truncate(Reader& reader) {
  const auto count = reader.number<std::uint32_t>();
  reader.take(1);  // whether others were emptied with them: they are in the list
  std::vector<Change> changes;
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    const auto found = tables_.find(reader.number<std::uint32_t>());
    if (found == tables_.end()) return malformed();
    changes.push_back({Change::Kind::Truncate, &found->second, {}, {}, false});
  }
  if (!reader.ok()) return malformed();
  return changes;
}

}  // namespace causeway::connectors::database
