// Statements of the configuration: SQL with named parameters (":id", ":patient.name"), which become
// a driver's own marks. Values never get into the text.
//
// Strings, quoted names, comments, $tag$ … $tag$ and casts (::text) are left alone. Immutable
// values. Errors: Invalid, with the line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/database/database.h"

namespace causeway::connectors::database {

inline constexpr std::size_t sql_bytes_max = 64 * 1024;
inline constexpr std::size_t sql_parameters_max = 1000;

class SqlText {
 public:
  static Result<SqlText> parse(std::string_view text, Marks marks);

  const std::string& sql() const { return sql_; }
  /// What stands for each parameter, in the driver's order.
  const std::vector<std::string>& names() const { return names_; }

 private:
  class Reader;
  std::string sql_;
  std::vector<std::string> names_;
};

}  // namespace causeway::connectors::database
