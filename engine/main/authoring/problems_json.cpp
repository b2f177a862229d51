#include "engine/main/authoring/problems_json.h"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

namespace causeway {

std::string problems_json(const config::Problems& problems) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> json(buffer);
  json.SetIndent(' ', 2);
  const auto text = [&](const char* key, std::string_view value) {
    json.Key(key);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  json.StartArray();
  for (const auto& problem : problems.list) {
    json.StartObject();
    text("file", problem.file);
    json.Key("line");
    json.Int(problem.place.line);
    json.Key("column");
    json.Int(problem.place.column);
    text("pointer", problem.pointer);
    text("severity", problem.severity == config::Severity::Error ? "error" : "warning");
    text("text", problem.text);
    json.EndObject();
  }
  json.EndArray();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace causeway
