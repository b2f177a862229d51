// The code tables of a revision: CSV files with a heading, looked up by their first column. Read
// once, shared by all interpreters. Immutable; thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/core/result.h"
#include "engine/script/script_module.h"

namespace causeway::script {

class CodeTable {
 public:
  /// Errors, with the place "file:line": malformed CSV, no heading, a column or key twice, a record
  /// with more or fewer fields than the heading.
  static Result<CodeTable> read(const std::string& file, std::string_view text);

  const std::vector<std::string>& columns() const { return columns_; }
  std::size_t size() const { return rows_.size(); }
  const std::string& cell(std::size_t row, std::size_t column) const { return rows_[row][column]; }
  std::optional<std::size_t> column(std::string_view name) const;
  std::optional<std::size_t> find(const std::string& key) const;
  /// The rows with this value in a column, at most two: whether there is one, none or several.
  std::vector<std::size_t> find_value(std::size_t column, std::string_view value) const;

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
  std::unordered_map<std::string, std::size_t> by_key_;
};

/// By the name that scripts use: "sex" is the channel's tables/sex.csv, "folder/sex" the library's
/// folder/sex.csv.
class CodeTables {
 public:
  /// All tables among the files of a channel and of the library; either may be null.
  static Result<std::shared_ptr<const CodeTables>> read(const SourceFiles* files,
                                                        const SourceFiles* library);

  std::optional<std::size_t> find(std::string_view name) const;
  const CodeTable& at(std::size_t index) const { return tables_[index]; }
  std::vector<std::string> names() const;

 private:
  Status add(const std::string& name, const std::string& file, std::string_view text);

  std::map<std::string, std::size_t, std::less<>> indexes_;
  std::vector<CodeTable> tables_;
};

}  // namespace causeway::script
