// What is wrong in a config: every problem at once, each with its place. Plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/value.h"

namespace causeway::config {

enum class Severity : std::uint8_t {
  Error,    ///< It can't be used like this.
  Warning,  ///< It can, but is hardly meant so.
};

/// One thing wrong in a config, as an editor or an operator needs it.
struct Problem {
  std::string file;
  Place place;          ///< Line 0: the file as a whole.
  std::string pointer;  ///< JSON pointer (RFC 6901).
  std::string text;     ///< "unknown key "prot"; did you mean "port"?"
  Severity severity = Severity::Error;
  std::string str() const;  ///< "file:line:column: pointer: text"; "warning: " before the pointer
};

struct Problems {
  /// More are not kept: nobody reads them, and a hostile file could have millions.
  static constexpr std::size_t kept_max = 200;
  static constexpr std::size_t warnings_kept_max = 100;  ///< They leave room for errors.

  std::string file;  ///< Of the values being read.
  std::vector<Problem> list;

  void add(const Value& at, std::string pointer, std::string text);
  void add_file(std::string text);  ///< About `file` as a whole.
  void warn(Place place, std::string pointer, std::string text);
  void append(const Problems& others);
  bool empty() const { return list.empty(); }
  std::size_t errors() const;
};

/// parse_json (value.h) with the problem added to `problems`; the file's name is `problems.file`.
std::optional<Value> parse_json(std::string_view text, Problems& problems);

/// A name or text out of a config for use in a problem: in double quotes, cut at 64 bytes, control
/// characters as \xNN.
std::string in_quotes(std::string_view text);

/// "; did you mean "NEAREST"?", or else what is known, if that is few enough to be read.
std::string did_you_mean(std::string_view typed, const std::vector<std::string>& candidates);

/// `pointer` with one more key or index, escaped by RFC 6901.
std::string pointer_to(std::string_view pointer, std::string_view key);
std::string pointer_to(std::string_view pointer, std::size_t index);

/// The candidate nearest to a mistyped name by edit distance (a swap of neighbours counts as one
/// edit); empty if none is near enough to be meant.
std::string nearest(std::string_view typed, const std::vector<std::string>& candidates);

}  // namespace causeway::config
