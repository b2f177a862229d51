// What is wrong in a config: every problem at once, each with its place. Plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/value.h"

namespace causeway::config {

/// One thing wrong in a config, as an editor or an operator needs it.
struct Problem {
  std::string file;
  Place place;              ///< Line 0: the file as a whole.
  std::string pointer;      ///< JSON pointer (RFC 6901).
  std::string text;         ///< "unknown key "prot"; did you mean "port"?"
  std::string str() const;  ///< "file:line:column: pointer: text"
};

struct Problems {
  /// More are not kept: nobody reads them, and a hostile file could have millions.
  static constexpr std::size_t kept_max = 200;

  std::string file;  ///< Of the values being read.
  std::vector<Problem> list;

  void add(const Value& at, std::string pointer, std::string text);
  void add_file(std::string text);  ///< About `file` as a whole.
  void append(const Problems& others);
  bool empty() const { return list.empty(); }
};

/// parse_json (value.h) with the problem added to `problems`; the file's name is `problems.file`.
std::optional<Value> parse_json(std::string_view text, Problems& problems);

/// A name or text out of a config for use in a problem: in double quotes, cut at 64 bytes, control
/// characters as \xNN.
std::string in_quotes(std::string_view text);

/// `pointer` with one more key or index, escaped by RFC 6901.
std::string pointer_to(std::string_view pointer, std::string_view key);
std::string pointer_to(std::string_view pointer, std::size_t index);

/// The candidate nearest to a mistyped name by edit distance (a swap of neighbours counts as one
/// edit); empty if none is near enough to be meant.
std::string nearest(std::string_view typed, const std::vector<std::string>& candidates);

}  // namespace causeway::config
