#include "engine/script/code_tables.h"

#include <set>

#include "engine/formats/delimited/delimited.h"

namespace causeway::script {
namespace {

constexpr std::string_view folder = "tables/";
constexpr std::string_view ending = ".csv";

Error at_line(const std::string& file, std::size_t line, std::string text) {
  return {ErrorKind::Invalid, file + ":" + std::to_string(line), std::move(text)};
}

}  // namespace

Result<CodeTable> CodeTable::read(const std::string& file, std::string_view text) {
  auto records = delimited::read(text, {});
  if (!records) {
    auto error = std::move(records).error();
    // "line N" is the place within the text.
    error.place = file + ":" + error.place.substr(error.place.find(' ') + 1);
    return error;
  }
  if (records->empty()) return at_line(file, 1, "it has no heading");
  CodeTable table;
  table.columns_ = std::move(records->front().fields);
  std::set<std::string> names(table.columns_.begin(), table.columns_.end());
  if (names.size() != table.columns_.size())
    return at_line(file, records->front().line, "two columns have the same name");
  for (std::size_t i = 1; i < records->size(); ++i) {
    auto& record = (*records)[i];
    if (record.fields.size() != table.columns_.size())
      return at_line(file, record.line,
                     std::to_string(record.fields.size()) + " fields, where the heading has " +
                         std::to_string(table.columns_.size()));
    if (!table.by_key_.emplace(record.fields.front(), i - 1).second)
      return at_line(file, record.line, "the key \"" + record.fields.front() + "\" is there twice");
    table.rows_.push_back(std::move(record.fields));
  }
  return table;
}

std::optional<std::size_t> CodeTable::column(std::string_view name) const {
  auto found = std::find(columns_.begin(), columns_.end(), name);
  if (found == columns_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns_.begin());
}

std::optional<std::size_t> CodeTable::find(const std::string& key) const {
  auto found = by_key_.find(key);
  if (found == by_key_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::size_t> CodeTable::find_value(std::size_t column, std::string_view value) const {
  std::vector<std::size_t> found;
  for (std::size_t row = 0; row < rows_.size() && found.size() < 2; ++row)
    if (rows_[row][column] == value) found.push_back(row);
  return found;
}

Status CodeTables::add(const std::string& name, const std::string& file, std::string_view text) {
  auto table = CodeTable::read(file, text);
  if (!table) return std::move(table).error();
  indexes_.emplace(name, tables_.size());
  tables_.push_back(std::move(*table));
  return Done{};
}

Result<std::shared_ptr<const CodeTables>> CodeTables::read(const SourceFiles* files,
                                                           const SourceFiles* library) {
  auto tables = std::make_shared<CodeTables>();
  auto name_of = [](std::string_view file) {
    return std::string(file.substr(0, file.size() - ending.size()));
  };
  if (files) {
    for (const auto& [file, text] : *files) {
      if (!file.starts_with(folder) || !file.ends_with(ending)) continue;
      auto added = tables->add(name_of(file.substr(folder.size())), file, text);
      if (!added) return std::move(added).error();
    }
  }
  if (library) {
    for (const auto& [file, text] : *library) {
      if (!file.ends_with(ending) || tables->indexes_.contains(name_of(file))) continue;
      auto added = tables->add(name_of(file), "lib:" + file, text);
      if (!added) return std::move(added).error();
    }
  }
  return std::shared_ptr<const CodeTables>(std::move(tables));
}

std::optional<std::size_t> CodeTables::find(std::string_view name) const {
  auto found = indexes_.find(name);
  if (found == indexes_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> CodeTables::names() const {
  std::vector<std::string> names;
  for (const auto& [name, index] : indexes_) names.push_back(name);
  return names;
}

}  // namespace causeway::script
