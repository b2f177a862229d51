// Which paths a source takes: "/patients/{id}/orders", with names for segments, and at the end
// "{rest*}" for any number of them. Immutable; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/attributes.h"
#include "engine/core/result.h"

namespace causeway::connectors::http {

class PathPattern {
 public:
  /// Invalid: no slash at the beginning, a malformed or repeated name, "{rest*}" not at the end.
  static Result<PathPattern> parse(std::string_view text);

  /// The values of its names; nullopt: another path.
  std::optional<Attributes> match(const std::vector<std::string>& segments) const;
  /// Whether some path is both's, and neither says it more exactly: nobody could tell whose it is.
  bool conflicts_with(const PathPattern& other) const;
  /// Where both match a path: the one with the longer run of fixed segments goes first.
  bool before(const PathPattern& other) const;
  const std::string& text() const { return text_; }

 private:
  struct Part {
    enum class Kind : std::uint8_t { Fixed, One, Rest };
    Kind kind = Kind::Fixed;
    std::string text;  ///< The segment, or the name.
  };
  static Result<Part> parse_part(std::string_view text);

  std::string text_;
  std::vector<Part> parts_;
};

}  // namespace causeway::connectors::http
