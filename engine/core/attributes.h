// Named values beside the bytes of a message: what its protocol says of it (method and path of a
// request), and what a script wants its destination or its sender to be told (path, headers,
// status). What names mean is the connector's to say. Sealed when stored, never logged. Values.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/limits.h"

namespace causeway {

struct Attribute {
  std::string name;
  std::string value;
  bool operator==(const Attribute&) const = default;
};

using Attributes = std::vector<Attribute>;
/// Shared by what is made of one message; null: there are none.
using SharedAttributes = std::shared_ptr<const Attributes>;

/// The last of this name; nullptr: there is none.
const std::string* find_attribute(const Attributes& attributes, std::string_view name);
const std::string* find_attribute(const SharedAttributes& attributes, std::string_view name);

/// Within limits::attributes_max and attributes_bytes.
bool fits(const Attributes& attributes);

/// `changes` over `before`: a value of a name that was there replaces it. Null if both have none.
SharedAttributes merged(const SharedAttributes& before, const Attributes& changes);

}  // namespace causeway
