// The samples do what their tests say: samples/*/tests/*/input.hl7 gives expected/*.hl7.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/config/value.h"
#include "engine/pipeline/pipeline.h"

using namespace causeway;
using namespace causeway::pipeline;
namespace fs = std::filesystem;

namespace {

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string read_message(const fs::path& path) {
  auto text = read_file(path);
  std::replace(text.begin(), text.end(), '\n', '\r');
  return text;
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_directory()) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

/// What of a channel's folder decides about its outputs.
PipelineSettings settings_of(const fs::path& channel) {
  auto config = config::parse_json(read_file(channel / "channel.json"), "channel.json");
  REQUIRE(config);
  PipelineSettings settings;
  for (const auto& [name, destination] : *config->find("destinations")->object())
    settings.destinations.push_back(name);
  for (const auto& declaration : *config->find("stages")->list()) {
    config::StageConfig stage;
    stage.type = *declaration.find("type")->string();
    stage.script.file = *declaration.find("file")->string();
    settings.stages.push_back(stage);
  }
  for (const auto& entry : fs::directory_iterator(channel))
    if (entry.path().extension() == ".js")
      settings.scripts[entry.path().filename()] = read_file(entry.path());
  return settings;
}

using Outputs = std::map<std::string, std::string>;

Outputs expected_in(const fs::path& folder) {
  Outputs outputs;
  if (!fs::exists(folder)) return outputs;
  for (const auto& entry : fs::directory_iterator(folder))
    outputs[entry.path().stem()] = read_message(entry.path());
  return outputs;
}

Outputs outputs_of(const TransformationFactory& factory, const std::string& input) {
  StoredMessage message;
  message.id = MessageId{1};
  message.arrival.received_at = std::chrono::sys_days(std::chrono::year(2024) / 1 / 1);
  message.arrival.draft.content_type = ContentType::Hl7v2;
  message.arrival.draft.body = Body(make_bytes(input));
  auto transformation = factory.make();
  REQUIRE(transformation);
  auto result = (*transformation)->run({message});
  for (const auto& step : result.steps)
    if (step.error) FAIL(step.error->str());
  Outputs outputs;
  for (const auto& output : result.outputs) outputs[output.destination] = output.body.view();
  return outputs;
}

}  // namespace

TEST_CASE("samples give what their tests say") {
  int cases = 0;
  for (const auto& channel : folders_in("samples")) {
    INFO(channel.string());
    auto factory = make_pipeline(settings_of(channel));
    REQUIRE(factory);
    for (const auto& folder : folders_in(channel / "tests")) {
      INFO(folder.string());
      CHECK(outputs_of(**factory, read_message(folder / "input.hl7")) ==
            expected_in(folder / "expected"));
      ++cases;
    }
  }
  CHECK(cases > 0);
}
