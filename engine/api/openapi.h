// OpenAPI 3.1 from the routes. A pure function.
#pragma once

#include "engine/api/route.h"

namespace causeway::api {

std::string openapi(const std::vector<Route>& routes);

}  // namespace causeway::api
