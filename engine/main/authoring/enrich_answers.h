// What a test says that enrich stages are told: tests/NAME/enrich.json.
//
//   { "patient": { "answer": {"status": 200, "body": {…}} },            // whatever it asks
//     "ward": [ { "request": ["W1"], "answer": [{"name": "Ward 1"}] },  // by request
//               { "request": ["W2"], "error": true } ] }                // the look-up fails
//
// Pure.
#pragma once

#include <vector>

#include "engine/config/problems.h"
#include "engine/config/value.h"
#include "engine/core/work.h"

namespace causeway {

/// As if they had been recorded; what is wrong is a problem.
std::vector<RecordedInput> read_enrich_answers(const config::Value& root,
                                               config::Problems& problems);

}  // namespace causeway
