// Any bytes as a file of records, of each kind: cut anywhere they give the same records, none is
// longer than the limit, and no byte is made up. The first byte says the kind.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "connectors/support/folder/records.h"

namespace {

using namespace causeway::connectors::folder;

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr std::size_t record_bytes_max = 2048;

struct Read {
  std::vector<std::string> records;
  std::string problem;
  bool good = true;
  bool operator==(const Read&) const = default;
};

Read read(const RecordRules& rules, std::string_view input, std::size_t piece) {
  Read found;
  auto reader = make_record_reader(rules);
  const auto keep = [&](std::string_view record) -> causeway::Status {
    found.records.emplace_back(record);
    return causeway::Done{};
  };
  while (!input.empty() && found.good) {
    found.good = reader->push(input.substr(0, piece), keep).ok();
    input.remove_prefix(std::min(piece, input.size()));
  }
  if (found.good) found.good = reader->finish(keep).ok();
  if (found.good) found.problem = reader->problem();
  return found;
}

RecordRules rules_of(unsigned choice) {
  RecordRules rules;
  rules.record_bytes_max = record_bytes_max;
  rules.xml_element = choice % 2 == 0 ? "p" : "x:p";
  constexpr RecordKind kinds[] = {RecordKind::Hl7v2, RecordKind::Line, RecordKind::XmlElement,
                                  RecordKind::Csv};
  rules.kind = kinds[choice / 2 % 4];
  rules.header = choice % 3 == 0 ? RecordRules::Header::WithEach : RecordRules::Header::None;
  return rules;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto rules = rules_of(data[0]);
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = read(rules, input, size);
  const auto pieces = read(rules, input, 1 + size % 11);
  if (whole.good && pieces.good) require(whole == pieces);
  std::size_t bytes = 0;
  for (const auto& record : whole.records) {
    bytes += record.size();
    require(record.size() <= 2 * record_bytes_max + 2048);
    (void)content_type_of(record, causeway::ContentType::Text);
  }
  if (rules.kind == RecordKind::Line || rules.kind == RecordKind::Hl7v2)
    require(bytes <= input.size());
  return 0;
}
