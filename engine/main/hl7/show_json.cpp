#include "engine/main/hl7/show_json.h"

#include <map>

#include "engine/api/json_text.h"
#include "engine/formats/hl7v2/grammar/message_structure.h"
#include "engine/main/hl7/explained_places.h"
#include "engine/main/hl7/value_text.h"

namespace causeway {
namespace {

void write_place(const ExplainedPlace& place, ValueText& text, api::JsonText& json) {
  json.begin_object().member("path", place.path);
  const std::pair<const char*, std::string_view> words[] = {
      {"name", place.words.name}, {"type", place.words.type}, {"table", place.words.table}};
  for (const auto& [key, word] : words)
    if (!word.empty()) json.member(key, word);
  if (place.value) json.member("value", text.utf8(*place.value));
  if (!place.meaning.empty()) json.member("meaning", place.meaning);
  json.end_object();
}

std::string_view word_of(hl7v2::Standing standing) {
  constexpr std::string_view words[] = {"expected", "surplus", "misplaced", "unknown"};
  return words[static_cast<std::size_t>(standing)];
}

}  // namespace

std::string message_json(const hl7v2::Message& message, const ShowSettings& settings,
                         const std::string& file, std::size_t number) {
  const auto structure = read_structure(message, settings.version);
  ValueText text(message, settings.set);
  api::JsonText json;
  json.begin_object().member("file", file).member("message", number);
  json.member("version", structure.grammar->version());
  json.member("version_assumed", !structure.version_known);
  json.member("structure", structure.tree ? structure.chosen.structure->name : std::string_view());
  json.member("best_fit", structure.chosen.best_fit).key("segments").begin_list();
  std::vector<const hl7v2::TreeNode*> nodes(message.segment_count());
  if (structure.tree)
    for (const auto& node : structure.tree->nodes())
      if (node.segment != hl7v2::no_segment) nodes[node.segment] = &node;
  std::map<std::string_view, int> numbers;
  for (std::size_t i = 0; i < message.segment_count(); ++i) {
    const auto name = message.segment_name(i);
    const int place = ++numbers[name];
    if (!settings.segments.empty() && !settings.segments.contains(std::string(name))) continue;
    const hl7v2::SegmentWords words(*structure.grammar, message, i);
    json.begin_object().member("segment", text.utf8(name)).member("number", place);
    if (!words.title().empty()) json.member("name", words.title());
    if (nodes[i]) {
      json.member("group", structure.tree->path_of(nodes[i]->parent));
      json.member("standing", word_of(nodes[i]->standing));
    }
    if (!settings.brief) {
      json.key("values").begin_list();
      for (const auto& explained : explained_places(message, i, place, words))
        write_place(explained, text, json);
      json.end_list();
    }
    json.end_object();
  }
  json.end_list().key("missing").begin_list();
  if (structure.tree)
    for (const auto& missing : structure.tree->missing()) {
      json.begin_object().member("name", missing.def->name);
      json.member("group", structure.tree->path_of(missing.group)).end_object();
    }
  return json.end_list().end_object().take() + "\n";
}

}  // namespace causeway
