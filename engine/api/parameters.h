// Parameters of a request, read by their declarations. Path and query are texts on the wire:
// numbers and flags are read off them first; a list is a parameter given several times. Pure
// functions.
#pragma once

#include "engine/api/target.h"
#include "engine/config/fields.h"

namespace causeway::api {

using TextParameters = std::vector<std::pair<std::string, std::string>>;

/// `part` ("path", "query") is the head of the pointers in problems.
config::Parsed read_texts(const config::Fields& fields, const TextParameters& given,
                          std::string_view part, config::Problems& problems);

/// A JSON object; its pointers begin with "/body". Texts with a NUL are refused.
config::Parsed read_body(const config::Fields& fields, std::string_view json,
                         config::Problems& problems);

}  // namespace causeway::api
