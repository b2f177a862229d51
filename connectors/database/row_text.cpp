#include "connectors/database/row_text.h"

#include <set>

#include "connectors/support/base64.h"
#include "connectors/support/exact_json.h"
#include "engine/formats/encoding/converter.h"

namespace causeway::connectors::database {
namespace {

/// Whole numbers up to 2^53: what each reader of JSON has exactly.
constexpr std::string_view exact_max = "9007199254740992";

/// RFC 8259: -? digits (. digits)? (e [+-]? digits)?, no needless zero before the others.
bool is_json_number(std::string_view text) {
  const auto digits = [&] {
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(end);
    return end > 0;
  };
  const auto skip = [&](std::string_view any) {
    const bool there = !text.empty() && any.find(text[0]) != any.npos;
    if (there) text.remove_prefix(1);
    return there;
  };
  skip("-");
  if (text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9') return false;
  if (!digits()) return false;
  if (skip(".") && !digits()) return false;
  if (skip("eE")) {
    skip("+-");
    if (!digits()) return false;
  }
  return text.empty();
}

Status append_cell(std::string& out, const std::string& column, const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::Null:
      out += "null";
      return Done{};
    case Cell::Kind::Boolean:
    case Cell::Kind::Number:
    case Cell::Kind::Json:
      out += cell.text;
      break;
    case Cell::Kind::Bytes:
      append_json_text(out, encode_base64(cell.text));
      return Done{};
    case Cell::Kind::Text:
      append_json_text(out, cell.text);
  }
  if (encoding::is_utf8(cell.text)) return Done{};
  return Error{ErrorKind::Invalid, "column " + column,
               "its text is not UTF-8: convert it in the query"};
}

}  // namespace

Status check_columns(const std::vector<std::string>& columns) {
  std::set<std::string_view> seen;
  for (const auto& column : columns)
    if (!seen.insert(column).second)
      return Error{ErrorKind::Invalid, "column " + column,
                   "two columns of the query have this name: rename one with AS"};
  return Done{};
}

Result<std::size_t> column_index(const std::vector<std::string>& columns, const std::string& name) {
  std::string names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == name) return i;
    names += (i > 0 ? ", " : "") + columns[i];
  }
  return Error{ErrorKind::Invalid, "column " + name,
               "the query's result has no such column; it has " + names};
}

Result<std::string> row_text(const std::vector<std::string>& columns, const Cells& row) {
  std::vector<std::size_t> all(columns.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return row_text(columns, row, all);
}

Result<std::string> row_text(const std::vector<std::string>& columns, const Cells& row,
                             const std::vector<std::size_t>& chosen) {
  std::string out = "{";
  for (const auto i : chosen) {
    if (out.size() > 1) out += ',';
    append_json_text(out, columns[i]);
    out += ':';
    if (auto appended = append_cell(out, columns[i], row[i]); !appended) return appended.error();
  }
  return out + "}";
}

std::string iso_time(std::string_view text) {
  std::string out(text);
  if (out.size() < 19 || out[10] != ' ') return out;
  out[10] = 'T';
  if (out.ends_with("+00")) out.replace(out.size() - 3, 3, "Z");
  return out;
}

Cell whole_number(std::string text) {
  if (!is_json_number(text)) return {Cell::Kind::Text, std::move(text)};
  const std::string_view digits = std::string_view(text).substr(text.starts_with('-') ? 1 : 0);
  const bool exact = digits.size() < exact_max.size() ||
                     (digits.size() == exact_max.size() && digits <= exact_max);
  return {exact ? Cell::Kind::Number : Cell::Kind::Text, std::move(text)};
}

Cell real_number(std::string text) {
  return {is_json_number(text) ? Cell::Kind::Number : Cell::Kind::Text, std::move(text)};
}

}  // namespace causeway::connectors::database
