// Runs a script on a message, for the tests of this folder.
#pragma once

#include <string>

#include "engine/script/code_tables.h"
#include "engine/script/script_instance.h"

namespace causeway::script::testing {

inline const std::string adt =
    "MSH|^~\\&|EPIC|GENERAL|LAB|GENERAL|20240102030405||ADT^A01|C1|P|2.5\r"
    "EVN|A01|20240102030405\r"
    "PID|1||123^^^MRN~456^^^SSN||DOE^JOHN^Q||19700101|M\r"
    "PV1|1|I|W^389^1\r";

inline ScriptSources sources_of(std::string text, SourceFiles more = {}, SourceFiles library = {}) {
  more["t.js"] = std::move(text);
  auto tables = CodeTables::read(&more, &library);
  return {"t.js", std::make_shared<const SourceFiles>(std::move(more)),
          std::make_shared<const SourceFiles>(std::move(library)), tables ? *tables : nullptr};
}

/// A function body as a module.
inline std::string body(std::string_view text) {
  return "export default function (msg, ctx) {" + std::string(text) + "}";
}

struct Runner {
  explicit Runner(const std::string& text, ScriptLimits limits = {},
                  ScriptRole as = ScriptRole::Transform)
      : role(as), module(ScriptModule::compile(sources_of(text), limits)) {
    if (module) instance.emplace(*module);
  }

  explicit Runner(ScriptSources sources, ScriptLimits limits = {})
      : module(ScriptModule::compile(std::move(sources), limits)) {
    if (module) instance.emplace(*module);
  }

  ScriptRun run(std::string_view bytes = adt, ContentType type = ContentType::Hl7v2) {
    if (!module) return {module.error(), {}};
    ScriptInput input{.role = role,
                      .content = {type, make_bytes(std::string(bytes))},
                      .received_at = SystemTime(std::chrono::microseconds(1704164645678000)),
                      .message = MessageId{id},
                      .revision = "r1",
                      .destinations = destinations,
                      .channel = "lab/in",
                      .environment = "test",
                      .sender_address = "192.0.2.1:5000",
                      .sender_name = "M\xC3\xBCller",
                      .attributes = &attributes};
    return instance->run(input);
  }

  /// The bytes that the run returned, or "error: …".
  std::string text(std::string_view bytes = adt, ContentType type = ContentType::Hl7v2) {
    auto result = run(bytes, type);
    if (!result.output) return "error: " + result.output.error().str();
    if (result.output->dropped) return "dropped";
    std::string all;
    for (const auto& content : result.output->contents)
      all += (all.empty() ? "" : " / ") + *content.bytes;
    return all;
  }

  /// "name" of each destination chosen, or "name=content".
  std::string sends(std::string_view bytes = adt, ContentType type = ContentType::Hl7v2) {
    auto result = run(bytes, type);
    if (!result.output) return "error: " + result.output.error().str();
    std::string all;
    for (const auto& send : result.output->sends)
      all += (all.empty() ? "" : ", ") + send.destination +
             (send.content ? "=" + *send.content->bytes : "");
    return all;
  }

  ScriptRole role = ScriptRole::Transform;
  std::int64_t id = 77;
  std::vector<std::string> destinations{"lab", "archive"};
  Attributes attributes{{"path", "/x"}};
  Result<std::shared_ptr<const ScriptModule>> module;
  std::optional<ScriptInstance> instance;
};

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace causeway::script::testing
