#include "connectors/database/reading.h"

#include "connectors/database/row_text.h"
#include "connectors/support/folder/records.h"
#include "connectors/support/staged_body.h"
#include "engine/core/limits.h"

namespace causeway::connectors::database {

Result<Taken> RowIntake::take(Intake& intake, const Rows& rows) const {
  auto columns = columns_of(rows);
  if (!columns) return columns.error();
  Offering offering(intake, switches_);
  Status offered = Done{};
  for (std::size_t i = 0; i < rows.rows.size() && offered; ++i) {
    auto draft = draft_of(rows, *columns, rows.rows[i]);
    offered = draft ? offering.offer(std::move(*draft), i) : Status(draft.error());
  }
  // Also after an error: what was offered is awaited.
  if (auto finished = offering.finish(); !finished) return finished.error();
  if (!offered) return offered.error();
  auto tally = offering.tally();
  return Taken{tally.stored, tally.again, std::move(tally.refused_records)};
}

Status RowIntake::check(const Rows& rows) const {
  auto columns = columns_of(rows);
  if (!columns) return columns.error();
  return Done{};
}

Result<RowIntake::Columns> RowIntake::columns_of(const Rows& rows) const {
  if (auto checked = check_columns(rows.columns); !checked) return checked.error();
  Columns columns;
  auto key = settings_.key;
  // A row that has changed is another message.
  const auto& watermark = settings_.watermark_column;
  if (!watermark.empty() && std::find(key.begin(), key.end(), watermark) == key.end())
    key.push_back(watermark);
  for (const auto& name : key) {
    auto index = column_index(rows.columns, name);
    if (!index) return index.error();
    columns.key.push_back(*index);
  }
  if (settings_.content_column.empty()) return columns;
  auto content = column_index(rows.columns, settings_.content_column);
  if (!content) return content.error();
  columns.content = *content;
  return columns;
}

Result<Draft> RowIntake::draft_of(const Rows& rows, const Columns& columns,
                                  const Cells& row) const {
  auto key = row_text(rows.columns, row, columns.key);
  if (!key) return key.error();
  Draft draft;
  draft.sender.address = address_;
  draft.origin = Origin{origin_ + *key, 0};
  if (columns.content) {
    if (auto filled = fill_from_column(draft, rows, *columns.content, row); !filled)
      return filled.error();
    return draft;
  }
  auto text = row_text(rows.columns, row);
  if (!text) return text.error();
  if (auto filled = fill(draft, std::move(*text), ContentType::Json); !filled)
    return filled.error();
  return draft;
}

Status RowIntake::fill_from_column(Draft& draft, const Rows& rows, std::size_t content,
                                   const Cells& row) const {
  Attributes attributes;
  for (std::size_t i = 0; i < row.size(); ++i)
    if (i != content && row[i].kind != Cell::Kind::Null && row[i].kind != Cell::Kind::Bytes)
      attributes.push_back({rows.columns[i], row[i].text});
  if (!fits(attributes))
    return Error{ErrorKind::Limit, "", "the columns beside content_column are too long"};
  draft.attributes = std::make_shared<const Attributes>(std::move(attributes));
  const auto& cell = row[content];
  const auto otherwise = cell.kind == Cell::Kind::Bytes ? ContentType::Binary : ContentType::Text;
  return fill(draft, cell.text, folder::content_type_of(cell.text, otherwise));
}

Status RowIntake::fill(Draft& draft, std::string content, ContentType type) const {
  draft.content_type = type;
  auto bytes = make_bytes(std::move(content));
  if (!staging_ || bytes->size() <= limits::inline_body_bytes) {
    draft.body = Body(std::move(bytes));
    return Done{};
  }
  auto staged = stage(*staging_, *bytes);
  if (!staged) return staged.error();
  draft.body = std::move(*staged);
  draft.at_hand = std::move(bytes);
  return Done{};
}

}  // namespace causeway::connectors::database
