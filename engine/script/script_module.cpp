#include "engine/script/script_module.h"

#include <fmt/format.h>

#include "engine/script/code_tables.h"
#include "engine/script/script_runtime.h"

namespace causeway::script {
namespace {

constexpr std::string_view library_prefix = "lib:";

/// `specifier` against the folder of `importer`; nullopt if it leads out of the top folder.
std::optional<std::string> join(std::string_view importer, std::string_view specifier) {
  auto slash = importer.rfind('/');
  std::string folder(slash == std::string_view::npos ? "" : importer.substr(0, slash));
  while (true) {
    if (specifier.starts_with("./")) {
      specifier.remove_prefix(2);
    } else if (specifier.starts_with("../")) {
      if (folder.empty()) return std::nullopt;
      specifier.remove_prefix(3);
      auto parent = folder.rfind('/');
      folder.resize(parent == std::string::npos ? 0 : parent);
    } else {
      return folder.empty() ? std::string(specifier) : folder + "/" + std::string(specifier);
    }
  }
}

const std::string* find(const std::shared_ptr<const SourceFiles>& files, std::string_view name) {
  if (!files) return nullptr;
  auto found = files->find(name);
  return found == files->end() ? nullptr : &found->second;
}

}  // namespace

Result<std::shared_ptr<const ScriptModule>> ScriptModule::compile(ScriptSources sources,
                                                                  ScriptLimits limits) {
  if (!find(sources.files, sources.entry))
    return Error{ErrorKind::NotFound, sources.entry, "there is no such file in the channel"};
  if (!sources.tables) sources.tables = std::make_shared<const CodeTables>();
  std::shared_ptr<const ScriptModule> module(new ScriptModule(std::move(sources), limits));
  auto checked = ScriptRuntime::of_this_thread().check(module);
  if (!checked) return std::move(checked).error();
  return module;
}

const std::string* ScriptModule::text(std::string_view full_name) const {
  if (full_name.starts_with(library_prefix))
    return find(sources_.library, full_name.substr(library_prefix.size()));
  return find(sources_.files, full_name);
}

Result<std::string> ScriptModule::resolve(std::string_view importer,
                                          std::string_view specifier) const {
  std::string prefix;
  std::optional<std::string> name;
  if (specifier.starts_with("./") || specifier.starts_with("../")) {
    if (importer.starts_with(library_prefix)) {
      prefix = library_prefix;
      importer.remove_prefix(library_prefix.size());
    }
    name = join(importer, specifier);
  } else {
    prefix = library_prefix;
    name = specifier;
  }
  if (name && text(prefix + *name)) return prefix + *name;
  return Error{ErrorKind::NotFound, "",
               fmt::format("there is no file \"{}\" to import, {}", specifier,
                           prefix.empty() ? "in the channel's folder"
                                          : "in the library of mappings (the channel's own files "
                                            "are imported as \"./name.js\")")};
}

}  // namespace causeway::script
