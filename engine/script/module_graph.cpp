#include "engine/script/module_graph.h"

#include <fmt/format.h>

#include <js/CompilationAndEvaluation.h>
#include <js/Modules.h>
#include <js/Realm.h>
#include <js/SourceText.h>

#include "engine/script/interpreter.h"
#include "engine/script/text.h"

namespace causeway::script {

void ModuleGraph::install(JSContext* context) {
  JS::SetModuleResolveHook(JS_GetRuntime(context), resolve);
}

void ModuleGraph::enter() {
  JS::SetRealmPrivate(JS::GetCurrentRealmOrNull(context_), this);
}

void ModuleGraph::leave() {
  JS::SetRealmPrivate(JS::GetCurrentRealmOrNull(context_), nullptr);
}

JSObject* ModuleGraph::resolve(JSContext* context, JS::HandleValue importer,
                               JS::HandleObject request) {
  auto* graph = static_cast<ModuleGraph*>(JS::GetRealmPrivate(JS::GetCurrentRealmOrNull(context)));
  JS::RootedString specifier(context, JS::GetModuleRequestSpecifier(context, request));
  if (!graph || !specifier || !importer.isString()) {
    fail(context, "a module can't be loaded now");
    return nullptr;
  }
  JS::RootedString importer_string(context, importer.toString());
  std::string importer_name, specifier_text;
  if (!to_bytes(context, importer_string, Encoding::Utf8, importer_name) ||
      !to_bytes(context, specifier, Encoding::Utf8, specifier_text))
    return nullptr;
  auto full_name = graph->module_.resolve(importer_name, specifier_text);
  if (full_name) return graph->find_or_compile(*full_name);
  fail(context, full_name.error().str());
  return nullptr;
}

JSObject* ModuleGraph::find_or_compile(const std::string& full_name) {
  auto found = compiled_.find(full_name);
  if (found != compiled_.end()) return *found->second;
  const auto* text = module_.text(full_name);
  if (!text) {
    fail(context_, "there is no file " + full_name);
    return nullptr;
  }
  return compile(full_name, *text);
}

JSObject* ModuleGraph::compile(const std::string& full_name, const std::string& text) {
  source_bytes_ += text.size();
  if (compiled_.size() == modules_max || source_bytes_ > sources_bytes_max) {
    Interpreter::of(context_).stop(fmt::format("it is made of more than {} files or {} bytes",
                                               modules_max, sources_bytes_max));
    return nullptr;
  }
  JS::CompileOptions options(context_);
  options.setFileAndLine(full_name.c_str(), 1);
  JS::SourceText<mozilla::Utf8Unit> source;
  if (!source.init(context_, text.data(), text.size(), JS::SourceOwnership::Borrowed))
    return nullptr;
  JS::RootedObject object(context_, JS::CompileModule(context_, options, source));
  if (!object) return nullptr;
  JS::RootedString name(context_, to_string(context_, full_name, Encoding::Utf8));
  if (!name) return nullptr;
  JS::SetModulePrivate(object, JS::StringValue(name));
  compiled_.emplace(full_name, std::make_unique<JS::PersistentRootedObject>(context_, object));
  return object;
}

}  // namespace causeway::script
