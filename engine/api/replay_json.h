// Replays as JSON, and what is asked of one, read off a request. Pure functions but for names.
#pragma once

#include <string>
#include <vector>

#include "engine/api/message_query.h"
#include "engine/api/trials.h"
#include "engine/config/fields.h"

namespace causeway::api {

/// What is to be replayed and how: fields of a request's body.
config::Fields replay_request_fields();
/// The search that it names; nothing that is `message`.
MessageQuery query_of(const config::Parsed& body);
/// Errors speak of the request alone. `now`: what comes later is not part of a selection.
Result<ReplayPlan> plan_of(const config::Parsed& body, SystemTime now);

std::string replay_json(const ReplayTask& task, const std::vector<ReplayRefusal>& refusals,
                        bool with_plan);
config::Fields replay_fields(bool with_plan);

/// Quotes messages.
std::string trial_json(const Trial& trial);
config::Fields trial_fields();

}  // namespace causeway::api
