// The policies of a channel, declared with its config, by their short names.
#pragma once

#include "engine/config/policy.h"

namespace causeway::channel {

using config::DestinationPolicy;
using config::Duplicates;
using config::GiveUpPolicy;
using config::OnAmbiguous;
using config::ReplyPolicy;
using config::RetryPolicy;
using config::Trouble;

}  // namespace causeway::channel
