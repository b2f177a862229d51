// Any bytes, checked as a message of every kind of version: each finding lies in the message, and
// every segment stands in the tree once.
#include <cstdint>
#include <cstdlib>

#include "engine/formats/hl7v2/validate/validate.h"

namespace {

using namespace causeway::hl7v2;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_tree(const StructureTree& tree, std::size_t segments) {
  std::size_t seen = 0;
  for (std::uint32_t i = 0; i < tree.nodes().size(); ++i) {
    const auto& node = tree.nodes()[i];
    require(node.end > i && node.end <= tree.nodes().size());
    require(i == 0 || (node.parent < i && tree.nodes()[node.parent].end >= node.end));
    if (node.segment != no_segment) require(node.segment == seen++);
  }
  require(seen == segments);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto message =
      Message::parse(causeway::make_bytes(std::string(reinterpret_cast<const char*>(data), size)));
  if (!message) return 0;
  for (const char* version : {"", "2.2", "2.3.1", "2.5.1", "2.8.2"}) {
    ValidationOptions options;
    options.version = version;
    const auto report = validate(*message, options);
    require(report.findings.size() <= findings_max);
    for (const auto& finding : report.findings) {
      require(finding.value.size() <= finding_value_bytes);
      require(!finding.text.empty() && !finding.rule.empty());
    }
    const auto names = segment_names(*message);
    if (const auto* grammar = Grammar::find(version))
      for (const char* structure : {"ADT_A01", "ORU_R01", "ORM_O01"})
        if (const auto* def = grammar->structure(structure))
          check_tree(StructureTree::build(names, *def), names.size());
  }
  return 0;
}
