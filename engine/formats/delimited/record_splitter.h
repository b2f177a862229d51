// Cuts delimited text into its records as it streams in, without reading their fields.
//
// A line end within quotes belongs to the record (a quote counts where a field begins, as in
// delimited.h); lines end with CRLF, LF or CR; blank lines and a byte-order mark are passed over.
// Without separator and quote (both 0) it cuts into lines. Pure but for what it holds: one record.
// Not thread-safe. Errors: Limit (a record that is too long), Invalid (quotes that are never
// closed); the place is "line N".
// Standard: RFC 4180.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace causeway::delimited {

class RecordSplitter {
 public:
  /// The record without its line end; the view holds during the call. An error ends the reading.
  using OnRecord = std::function<Status(std::string_view record)>;

  struct Rules {
    char separator = 0;
    char quote = 0;
    std::size_t record_bytes_max = 0;
  };

  explicit RecordSplitter(Rules rules) : rules_(rules) {}

  Status push(std::string_view bytes, const OnRecord& on_record);
  Status finish(const OnRecord& on_record);  ///< The text ends here.

 private:
  enum class State : unsigned char { FieldStart, Unquoted, Quoted, QuoteInQuoted };

  void step(char c);
  Status end_record(std::string_view last_part, const OnRecord& on_record);
  Error too_long() const;
  std::string place() const { return "line " + std::to_string(record_line_); }

  const Rules rules_;
  std::string held_;  // of a record whose end has not come
  State state_ = State::FieldStart;
  bool first_ = true;
  std::size_t mark_ = 0;  // bytes of a byte-order mark that have come
  bool after_cr_ = false;
  std::uint64_t line_ = 1;
  std::uint64_t record_line_ = 1;
};

}  // namespace causeway::delimited
