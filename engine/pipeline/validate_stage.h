// The stage that checks messages before all others. A message that breaks a rule whose level is
// "reject" goes no further: its sender gets AE (or AR) with ERR segments that name the places, and
// the message is kept as what it is. All findings are in the step's log.
#pragma once

#include "engine/config/channel_config.h"
#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/stage.h"

namespace causeway::pipeline {

/// Reads the profile, if one is named, from the channel's files. Errors: those of
/// hl7v2::Profile::parse, with the profile's name as the place; NotFound.
Result<std::unique_ptr<StageFactory>> make_validate_stage(
    const config::ValidateConfig& config, std::shared_ptr<const PipelineSettings> settings);

}  // namespace causeway::pipeline
