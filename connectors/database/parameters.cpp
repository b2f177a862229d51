#include "connectors/database/parameters.h"

#include "connectors/database/row_text.h"

namespace causeway::connectors::database {
namespace {

const Json* find(const Json& in, const std::vector<std::string>& parts) {
  const Json* at = &in;
  for (const auto& part : parts) {
    at = at->find(part);
    if (!at) return nullptr;
  }
  return at;
}

Cell cell_of(const Json& value) {
  switch (value.kind) {
    case Json::Kind::Null:
      return {};
    case Json::Kind::Boolean:
      return {Cell::Kind::Boolean, value.text};
    case Json::Kind::Number:
      return {Cell::Kind::Number, value.text};
    case Json::Kind::Text:
      return {Cell::Kind::Text, value.text};
    case Json::Kind::List:
    case Json::Kind::Object:
      break;
  }
  Cell cell{Cell::Kind::Text, {}};
  append_json(cell.text, value);
  return cell;
}

Result<Call> call_for(const SqlText& sql, const Json& item, const Json& whole) {
  Call call{sql.sql(), {}};
  for (const auto& name : sql.names()) {
    const auto parts = name_parts(name);
    const auto* value = find(item, parts);
    if (!value) value = find(whole, parts);
    if (!value)
      return Error{ErrorKind::Invalid, ":" + name,
                   "the content has no such value (null stands for NULL)"};
    call.parameters.push_back(cell_of(*value));
    if (call.parameters.back().text.find('\0') != std::string::npos)
      return Error{ErrorKind::Invalid, ":" + name, "the value has a zero character"};
  }
  return call;
}

}  // namespace

Result<std::vector<Call>> calls_for(const StatementSettings& statement, const Json& content) {
  std::vector<Call> calls;
  const auto add = [&](const Json& item) -> Status {
    auto call = call_for(statement.sql, item, content);
    if (!call) return call.error();
    calls.push_back(std::move(*call));
    return Done{};
  };
  if (statement.for_each.empty()) {
    if (auto added = add(content); !added) return added.error();
    return calls;
  }
  const auto* list = find(content, statement.for_each);
  if (!list || list->kind != Json::Kind::List)
    return Error{ErrorKind::Invalid, "for_each", "the content has no such list"};
  if (list->items.size() > runs_max)
    return Error{ErrorKind::Limit, "for_each", "the list has more than 10,000 items"};
  for (const auto& item : list->items)
    if (auto added = add(item); !added) return added.error();
  return calls;
}

Result<Call> call_for(const SqlText& sql, const std::vector<std::string>& columns,
                      const Cells& row) {
  Call call{sql.sql(), {}};
  for (const auto& name : sql.names()) {
    auto index = column_index(columns, name);
    if (!index) return index.error();
    if (row[*index].kind == Cell::Kind::Bytes)
      return Error{ErrorKind::Invalid, ":" + name, "a binary column can't be a parameter"};
    call.parameters.push_back(row[*index]);
  }
  return call;
}

}  // namespace causeway::connectors::database
