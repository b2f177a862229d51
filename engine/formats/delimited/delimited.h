// Delimited and fixed-width text: read to records, and written from them.
//
// Delimited: RFC 4180 with any separator and quote character; lines end with CRLF, LF or CR; a
// byte-order mark and blank lines are passed over. Stricter than many: a quote inside a field that
// isn't quoted, or anything after a closing quote, is an error, since guessing would move values
// to other columns. Fixed width: each line is cut at the widths, padding is taken off.
//
// Pure; thread-safe. Errors: Invalid, Limit; the place is "line N".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"

namespace causeway::delimited {

inline constexpr std::size_t records_max = 1'000'000;
inline constexpr std::size_t fields_max = 10'000;  ///< Of one record.
/// Of all records together: each costs more than its bytes.
inline constexpr std::size_t all_fields_max = 4'000'000;

struct Format {
  char separator = ',';
  char quote = '"';                      ///< 0: none; a field then can't hold the separator.
  std::vector<std::size_t> widths = {};  ///< In bytes. Not empty: fixed width.
};

struct Record {
  std::vector<std::string> fields;
  std::size_t line = 0;  ///< From 1: where it begins.
};

/// Separator, quote and widths that can work together.
Status check(const Format& format);

Result<std::vector<Record>> read(std::string_view text, const Format& format);

/// One record with its line end (CRLF) appended to `text`; the place of an error is "field N": it
/// doesn't fit its width, or can't be written without quotes.
Status write(const std::vector<std::string>& fields, const Format& format, std::string& text,
             std::string_view line_end = "\r\n");

}  // namespace causeway::delimited
