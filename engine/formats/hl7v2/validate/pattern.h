// A regular expression of a profile, which whole values are matched against. Its time is bounded:
// what takes too many steps is undecided. Immutable; thread-safe. PCRE2 is confined to pattern.cpp.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "engine/core/result.h"

namespace causeway::hl7v2 {

class Pattern {
 public:
  static constexpr std::size_t pattern_bytes_max = 8192;
  static constexpr std::uint32_t steps_max = 200'000;

  /// Invalid: not a regular expression; Limit: too long.
  static Result<std::shared_ptr<const Pattern>> compile(std::string_view text);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  /// Is all of `text` what the expression describes? nullopt: it took too long to say.
  std::optional<bool> matches(std::string_view text) const;

 private:
  struct Code;
  explicit Pattern(std::unique_ptr<Code> code);
  std::unique_ptr<Code> code_;
};

}  // namespace causeway::hl7v2
