// A channel's pipeline: its stages in order, as the core's Transformation. Without stages a message
// passes through to every destination, as the same body.
//
// The factory is immutable and thread-safe; each worker makes a Transformation of its own.
#pragma once

#include "engine/config/channel_config.h"
#include "engine/core/store.h"
#include "engine/core/transformation.h"
#include "engine/pipeline/enrich/lookup.h"
#include "engine/script/script_module.h"

namespace causeway::pipeline {

struct PipelineSettings {
  std::optional<config::ValidateConfig> validate;  ///< Before the first stage.
  std::optional<config::CharacterSetConfig> character_set;
  std::vector<config::StageConfig> stages;
  std::map<std::string, std::string> scripts;    ///< The channel's files: name to text.
  std::map<std::string, std::string> library;    ///< What it uses of the library of mappings.
  std::vector<std::string> destinations;         ///< Names, in the config's order.
  std::map<std::string, std::string> responses;  ///< By destination: the script's file.
  std::string revision;                          ///< The revision's hash.

  // What scripts are told in ctx.message.
  std::string channel, environment;

  script::ScriptLimits script_limits;  ///< `run_time` is the stage's own.
  LookupEnvironment lookups;
  /// For bodies too large to be inline; outlives the pipeline. Null: they fail in stages.
  BodyStaging* staging = nullptr;
};

/// What a channel's config says of it; the environment's name, limits and staging are left to the
/// caller.
PipelineSettings pipeline_settings(const config::ChannelConfig& config);

/// Compiles all scripts, on this thread. Errors: those of ScriptModule::compile and
/// CodeTables::read and of profiles; Invalid for a type of stage that does not exist, or a
/// character set that isn't known.
Result<std::shared_ptr<const TransformationFactory>> make_pipeline(PipelineSettings settings);

}  // namespace causeway::pipeline
