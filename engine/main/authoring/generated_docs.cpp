#include "engine/main/authoring/generated_docs.h"

#include "connectors/registry.h"
#include "engine/config/reference.h"
#include "engine/main/authoring/test_case.h"
#include "engine/main/authoring/write_file.h"
#include "engine/observe/alerts/rules.h"

namespace causeway {
namespace {

std::vector<config::EndKind> end_kinds() {
  std::vector<config::EndKind> kinds;
  for (const auto& kind : connectors::all_kinds())
    kinds.push_back(
        {std::string(kind.name), std::string(kind.summary), kind.source_fields, kind.sink_fields});
  return kinds;
}

}  // namespace

std::string channel_json_schema() {
  return config::channel_schema(end_kinds());
}

Status write_docs(const std::filesystem::path& folder) {
  auto files = config::reference_pages(end_kinds());
  files.push_back({"channel.schema.json", channel_json_schema()});
  files.push_back({"environment.schema.json", config::environment_schema()});
  files.push_back(
      {"case.schema.json", config::json_schema(test_case_fields(), "A channel's test")});
  files.push_back({"alerts.schema.json",
                   config::json_schema(observe::rule_file_fields(), "Alerts: what is watched")});
  files.push_back(
      {"reference/alerts.md", config::reference_page(observe::rule_file_fields(), "alerts.json")});
  for (const auto& [name, text] : files)
    if (auto written = write_file(folder / name, text); !written) return written;
  return Done{};
}

}  // namespace causeway
