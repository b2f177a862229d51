// A destination's response script: looks at an answer before it is settled. What it finds, and what
// it says by console.log, is kept with the attempt.
//
// Factories are immutable and thread-safe. See engine/core/response.h for when it is run.
#pragma once

#include "engine/core/response.h"
#include "engine/pipeline/pipeline.h"

namespace causeway::pipeline {

/// By destination.
using Responses = std::map<std::string, std::shared_ptr<const ResponseTransformationFactory>>;

/// Compiles the response scripts of all destinations, on this thread. Errors: those of
/// ScriptModule::compile and CodeTables::read.
Result<Responses> make_responses(const PipelineSettings& settings);

/// What an answer is, by its looks: connectors keep it as bytes.
ContentType answer_type(std::string_view answer);

}  // namespace causeway::pipeline
