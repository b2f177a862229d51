// The modules of one script while they are loaded: compiles each once, on demand of those that
// import it. Included by .cpp files of this folder only: it names the JavaScript engine.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <jsapi.h>

#include <js/RootingAPI.h>

#include "engine/script/script_module.h"

namespace causeway::script {

class ModuleGraph {
 public:
  ModuleGraph(JSContext* context, const ScriptModule& module)
      : context_(context), module_(module) {}

  /// Lets the engine ask the graph of the current realm (see `enter`) for what a module imports.
  static void install(JSContext* context);
  /// For the time of loading, the graph belongs to the current realm.
  void enter();
  void leave();

  /// The compiled module of a full name; nullptr with an exception pending.
  JSObject* find_or_compile(const std::string& full_name);

 private:
  static JSObject* resolve(JSContext* context, JS::HandleValue importer, JS::HandleObject request);
  JSObject* compile(const std::string& full_name, const std::string& text);

  JSContext* context_;
  const ScriptModule& module_;
  std::map<std::string, std::unique_ptr<JS::PersistentRootedObject>> compiled_;
  std::size_t source_bytes_ = 0;
};

}  // namespace causeway::script
