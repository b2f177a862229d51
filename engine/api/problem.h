// Errors as the API answers them: application/problem+json (RFC 9457). Pure functions.
//
// An Error's own text may quote a message, so it is never shown: `problem(error)` tells its class
// alone. Where a handler has something to say, it says so in words of its own (`detail`), which
// hold nothing but names from the configuration, numbers, and what the caller himself has sent.
#pragma once

#include "engine/api/exchange.h"
#include "engine/config/problems.h"

namespace causeway::api {

Reply problem(const Error& error);
Reply problem(ErrorKind kind, std::string_view detail);
/// With a list of places: what is wrong with parameters, a body, or a channel's files.
Reply problem(ErrorKind kind, std::string_view detail, const config::Problems& problems);
/// Where HTTP itself has the better word: 401, 405, 413, 415, 429.
Reply problem(int status, std::string_view detail);

/// 400 for Invalid, 404 for NotFound, … Never 500 for what a caller can cause.
int status_of(ErrorKind kind);

}  // namespace causeway::api
