// Texts of the config with attributes of a delivery in them: "/orders/{path.id}". Immutable; pure.
// Standard: RFC 6570, as far as {name} (all but unreserved characters encoded) and {+name}
// (slashes and what else may stand in a path stay).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/attributes.h"
#include "engine/core/result.h"

namespace causeway::connectors::http {

class Template {
 public:
  enum class Encoding : std::uint8_t { Url, None };

  /// Invalid: a brace without its other one, or no name between them.
  static Result<Template> parse(std::string_view text, Encoding encoding);

  /// NotFound: an attribute isn't there. Invalid: what it has may not stand there ("..", control
  /// characters). Errors name the attribute, and not its value.
  Result<std::string> expand(const SharedAttributes& attributes) const;

 private:
  struct Piece {
    bool is_name = false;
    bool keeps_slashes = false;
    std::string text;
  };
  Status append(const Piece& piece, const std::string& value, std::string& out) const;

  Encoding encoding_ = Encoding::None;
  std::vector<Piece> pieces_;
};

}  // namespace causeway::connectors::http
