#include "engine/formats/hl7v2/grammar/grammar.h"

#include <array>
#include <charconv>
#include <mutex>

#include "engine/core/check.h"
#include "engine/formats/hl7v2/grammar/grammar_files.h"
#include "engine/formats/hl7v2/grammar/grammar_reader.h"

namespace causeway::hl7v2 {
namespace {

template <class Map>
auto find_in(const Map& map, std::string_view name) -> decltype(&map.begin()->second) {
  const auto at = map.find(name);
  return at == map.end() ? nullptr : &at->second;
}

/// "2.5.1" as 251, "2.5" as 250; 0: not a version 2.
int rank_of(std::string_view version) {
  if (!version.starts_with("2.") || version.size() < 3) return 0;
  int minor = 0, patch = 0;
  const char* end = version.data() + version.size();
  const auto read = std::from_chars(version.data() + 2, end, minor);
  if (read.ec != std::errc() || minor < 0) return 0;
  if (read.ptr + 1 < end && *read.ptr == '.') std::from_chars(read.ptr + 1, end, patch);
  return 200 + 10 * std::min(minor, 90) + std::clamp(patch, 0, 9);
}

struct Loaded {
  std::once_flag once;
  std::shared_ptr<const Grammar> grammar;
};

}  // namespace

const std::vector<std::string_view>& Grammar::versions() {
  static const std::vector<std::string_view> all = [] {
    std::vector<std::string_view> names;
    for (const auto& file : grammar_files())
      if (rank_of(file.name) > 0) names.push_back(file.name);
    std::sort(names.begin(), names.end(), [](auto a, auto b) { return rank_of(a) < rank_of(b); });
    return names;
  }();
  return all;
}

const Grammar* Grammar::find(std::string_view version) {
  const int rank = rank_of(version);
  if (rank == 0) return nullptr;
  std::size_t nearest = 0;
  while (nearest + 1 < versions().size() && rank_of(versions()[nearest + 1]) <= rank) ++nearest;
  static std::array<Loaded, 32> loaded;
  CHECK(nearest < loaded.size());
  auto& entry = loaded[nearest];
  std::call_once(entry.once, [&] {
    auto grammar = parse(grammar_file(versions()[nearest]));
    CHECK(grammar.ok());  // it is part of the program
    entry.grammar = std::move(*grammar);
  });
  return entry.grammar.get();
}

Result<std::shared_ptr<const Grammar>> Grammar::parse(std::string_view text) {
  return GrammarReader().read(text);
}

const SegmentDef* Grammar::segment(std::string_view name) const {
  return find_in(segments_, name);
}

const DataTypeDef* Grammar::data_type(std::string_view name) const {
  return find_in(data_types_, name);
}

const TableDef* Grammar::table(std::string_view id) const {
  return find_in(tables_, id);
}

const StructureDef* Grammar::structure(std::string_view name) const {
  return find_in(structures_, name);
}

const StructureDef* Grammar::structure_of(std::string_view type, std::string_view event,
                                          std::string_view structure_name) const {
  if (const auto* named = structure(structure_name)) return named;
  if (type == "ACK" || (type == "MCF" && event.empty())) return structure(type);
  if (event.empty()) return structure(type);
  const auto by_event = events_.find(std::string(type) + "^" + std::string(event));
  if (by_event != events_.end()) return structure(by_event->second);
  return structure(std::string(type) + "_" + std::string(event));
}

std::string_view code_meaning(std::string_view table, std::string_view code) {
  using Key = std::pair<std::string_view, std::string_view>;
  static const std::map<Key, std::string_view> meanings = [] {
    std::map<Key, std::string_view> all;
    auto text = grammar_file("codes");
    while (!text.empty()) {
      auto line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      const auto table_end = line.find('\t', 2);
      const auto code_end = line.find('\t', table_end + 1);
      all[{line.substr(2, table_end - 2), line.substr(table_end + 1, code_end - table_end - 1)}] =
          line.substr(code_end + 1);
    }
    return all;
  }();
  const auto at = meanings.find({table, code});
  return at == meanings.end() ? std::string_view() : at->second;
}

}  // namespace causeway::hl7v2
