#include "engine/main/channel_version.h"

#include <filesystem>

#include "connectors/registry.h"
#include "engine/config/revision_hash.h"
#include "engine/core/check.h"
#include "engine/pipeline/pipeline.h"

namespace causeway {
namespace {

/// A file that a connector reads when it is made (a certificate) counts as changed with its
/// content.
std::string state_of_file(const std::string& path) {
  std::error_code failed;
  const auto written = std::filesystem::last_write_time(path, failed);
  if (failed) return "none";
  return std::to_string(written.time_since_epoch().count());
}

/// All that the connector is told, with the environment's values in place.
void describe(const config::Fields& fields, const config::Parsed& parsed, std::string& out) {
  for (const auto& field : fields) {
    out += field.name() + "=";
    const auto& value = parsed.raw(field.name());
    if (field.type() == config::FieldType::ObjectList)
      for (const auto& item : parsed.object_list(field.name()))
        describe(*field.members(), item, out);
    else if (field.members() && parsed.given(field.name()))
      describe(*field.members(), parsed.object(field.name()), out);
    else
      out += config::canonical_json(value);
    if (field.name().ends_with("_file") && value.string())
      out += "@" + state_of_file(*value.string());
    out += ";";
  }
}

std::string description(const std::string& type, const config::Fields& fields,
                        const config::Parsed& parsed) {
  std::string out = type + ":";
  describe(fields, parsed, out);
  return out;
}

Result<std::shared_ptr<SourceEnd>> make_source_end(const config::ChannelConfig& config,
                                                   channel::Channel& channel,
                                                   const connectors::Environment& environment) {
  const auto* kind = connectors::find_kind(config.source.type);
  CHECK(kind && kind->make_source);  // the config has been read with its fields
  auto end = std::make_shared<SourceEnd>(
      description(config.source.type, *kind->source_fields, config.source.settings), channel);
  auto source = kind->make_source(config.source.settings, {config.path, "source"}, environment);
  if (!source) return source.error();
  end->source = std::move(*source);
  return end;
}

/// The values of the environment that this text refers to.
void collect(const config::Value& value, const config::EnvironmentValues& environment,
             std::map<std::string, std::string>& into) {
  if (auto name = config::environment_name(value)) {
    auto at = environment.find(*name);
    if (at != environment.end()) into[std::string(*name)] = config::canonical_json(at->second);
  }
  if (const auto* members = value.object())
    for (const auto& [key, member] : *members) collect(member, environment, into);
  if (const auto* items = value.list())
    for (const auto& item : *items) collect(item, environment, into);
}

Status add_keys(const config::ChannelConfig& config, channel::KeyRules& keys) {
  if (config.order_by == "none") {
    keys.order = channel::Order::None;
  } else if (config.order_by != "channel") {
    keys.order = channel::Order::Keyed;
    if (auto path = hl7v2::parse_path(config.order_by)) {
      keys.merges = channel::standard_merges(*path);
      keys.order_by = std::move(*path);
    } else {
      auto dicom_path = dicom::parse_path(config.order_by);
      if (!dicom_path) return path.error();
      keys.dicom_order_by = std::move(*dicom_path);
    }
  }
  for (const auto& text : config.search) {
    auto path = hl7v2::parse_path(text);
    if (path) {
      keys.search.push_back(std::move(*path));
      continue;
    }
    auto dicom_path = dicom::parse_path(text);
    if (!dicom_path) return path.error();
    keys.dicom_search.push_back(std::move(*dicom_path));
  }
  keys.duplicates = config.duplicates != config::Duplicates::Off;
  return Done{};
}

}  // namespace

Result<std::shared_ptr<SinkEnd>> make_sink_end(const config::ChannelConfig& channel,
                                               const config::DestinationConfig& destination,
                                               const connectors::Environment& environment) {
  const auto* kind = connectors::find_kind(destination.type);
  CHECK(kind && kind->make_sink);
  auto end = std::make_shared<SinkEnd>();
  end->made_from = description(destination.type, *kind->sink_fields, destination.settings);
  auto sink = kind->make_sink(destination.settings, {channel.path, destination.name}, environment);
  if (!sink) return sink.error();
  end->sink = std::move(*sink);
  return end;
}

Result<std::shared_ptr<ChannelVersion>> make_version(
    config::ChannelConfig config, const config::EnvironmentValues& environment,
    const ChannelVersion* earlier, channel::Channel& channel,
    const connectors::Environment& connectors_environment, const PipelineEnvironment& pipelines) {
  auto version = std::make_shared<ChannelVersion>();
  version->config = std::move(config);
  const auto& made = version->config;
  if (auto root = config::parse_json(made.text, "channel.json"))
    collect(*root, environment, version->environment);
  if (made.source.type != "channel") {
    auto source = make_source_end(made, channel, connectors_environment);
    if (!source) return source.error();
    const bool same =
        earlier && earlier->source && earlier->source->made_from == (*source)->made_from;
    version->source = same ? earlier->source : std::move(*source);
  }
  for (const auto& destination : made.destinations) {
    if (destination.type == "channel") continue;
    auto sink = make_sink_end(made, destination, connectors_environment);
    if (!sink) return sink.error();
    if (earlier) {
      auto before = earlier->sinks.find(destination.name);
      if (before != earlier->sinks.end() && before->second->made_from == (*sink)->made_from)
        sink = before->second;
    }
    version->sinks.emplace(destination.name, std::move(*sink));
  }
  // Look-ups are made from the environment's values too.
  if (earlier && earlier->config.revision_hash == made.revision_hash &&
      earlier->environment == version->environment) {
    version->transformation = earlier->transformation;
    version->responses = earlier->responses;
    return version;
  }
  auto settings = pipeline::pipeline_settings(made);
  settings.staging = &pipelines.staging;
  settings.lookups = pipelines.lookups;
  settings.environment = pipelines.name;
  auto responses = pipeline::make_responses(settings);
  if (!responses) return responses.error();
  version->responses = std::move(*responses);
  auto transformation = pipeline::make_pipeline(std::move(settings));
  if (!transformation) return transformation.error();
  version->transformation = std::move(*transformation);
  return version;
}

Result<channel::Deployment> deployment_of(const ChannelVersion& version) {
  channel::Deployment deployment;
  const auto& config = version.config;
  if (version.source) deployment.source = version.source->source.get();
  if (auto added = add_keys(config, deployment.keys); !added) return added.error();
  deployment.duplicates = config.duplicates;
  deployment.reply = config.reply;
  deployment.queue_max = config.queue_max;
  if (!config.stages.empty()) deployment.on_error = config.stages.front().script.on_error;
  deployment.transformation = version.transformation;
  for (const auto& from : config.destinations) {
    channel::Destination destination;
    destination.name = from.name;
    destination.policy = from.policy;
    auto sink = version.sinks.find(from.name);
    if (sink != version.sinks.end()) destination.sink = sink->second->sink.get();
    auto response = version.responses.find(from.name);
    if (response != version.responses.end()) destination.response = response->second;
    deployment.destinations.push_back(std::move(destination));
  }
  return deployment;
}

}  // namespace causeway
