// The stage before all others where a channel's "character_set" asks for it: what arrives is
// converted before scripts see it. What is stored as received stays as it came.
#pragma once

#include "engine/config/channel_config.h"
#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/stage.h"

namespace causeway::pipeline {

/// Invalid: a set that isn't known.
Result<std::unique_ptr<StageFactory>> make_character_set_stage(
    const config::CharacterSetConfig& declaration, BodyStaging* staging);

}  // namespace causeway::pipeline
