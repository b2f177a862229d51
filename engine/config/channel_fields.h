// What channel.json can say, apart from the fields of connectors. Internal to this folder.
#pragma once

#include "engine/config/fields.h"

namespace causeway::config {

inline constexpr const char* hop_summary = "Messages hop from one channel to another";

const Fields& channel_fields();
const Fields& stage_fields();        ///< Of any stage but an enrich.
const Fields& enrich_fields();       ///< Of a stage of type "enrich".
const Fields& source_fields();       ///< Of any source, before those of its connector.
const Fields& destination_fields();  ///< Of any destination: type and policy.
const Fields& hop_fields();          ///< Of a destination of type "channel".

/// Both, in this order; no name may be in both.
Fields together(const Fields& first, const Fields& second);

}  // namespace causeway::config
