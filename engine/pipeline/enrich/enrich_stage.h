// The stage that looks something up elsewhere: its script gives the request, and what is answered
// is recorded with the run and known to the scripts of later stages.
//
// A run that is repeated with recorded inputs, as in tests and comparisons, asks nobody. One
// request is asked once in a run. Where a part of a message fails, the message does.
#pragma once

#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/stage.h"

namespace causeway::pipeline {

/// As the name of a recorded input: the answer to any request.
inline constexpr const char* any_request = "*";

/// Errors: those of ScriptModule::compile and of make_lookup.
Result<std::unique_ptr<StageFactory>> make_enrich_stage(
    const config::StageConfig& declaration, std::shared_ptr<const PipelineSettings> settings,
    script::ScriptSources sources, std::uint32_t ordinal);

}  // namespace causeway::pipeline
