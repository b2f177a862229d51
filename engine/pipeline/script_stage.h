// The stages that run a mapping script: filter, transform, split and route. Their factory holds the
// compiled module; a stage holds an instance of it on the worker's interpreter.
#pragma once

#include "engine/config/channel_config.h"
#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/stage.h"

namespace causeway::pipeline {

/// What a channel's scripts are made of, but for the entry. Errors: those of CodeTables::read.
Result<script::ScriptSources> script_sources(const PipelineSettings& settings);

/// What a stage's script is run with; refers to all of these.
script::ScriptInput script_input(script::ScriptRole role, const PipelineSettings& settings,
                                 std::uint32_t ordinal, const StageInput& input,
                                 const Bytes& bytes);

/// Why there is this message, which is the same whenever it is run.
Cause origin_of(const Arrival& arrival);

/// Errors as those of ScriptModule::compile; Invalid for a type of stage that does not exist.
Result<std::unique_ptr<StageFactory>> make_script_stage(
    const config::StageConfig& declaration, std::shared_ptr<const PipelineSettings> settings,
    script::ScriptSources sources, std::uint32_t ordinal);

}  // namespace causeway::pipeline
