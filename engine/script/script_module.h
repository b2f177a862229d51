// The sources of one script, checked: what a revision holds of it.
//
// A script is an ES module (ECMA-262, 16.2) that may import others: "./name.js" and "../name.js"
// among the channel's own files, "folder/name.js" from the library of mappings. Nothing is read
// from a file system. Immutable; shared by all threads.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/core/result.h"
#include "engine/script/script_limits.h"

namespace causeway::script {

/// Name to text. Names are relative to the channel's or the library's folder, with '/'.
using SourceFiles = std::map<std::string, std::string, std::less<>>;

class CodeTables;

struct ScriptSources {
  std::string entry;  ///< A name in `files`; its default export is the function that is run.
  std::shared_ptr<const SourceFiles> files;
  std::shared_ptr<const SourceFiles> library = {};  ///< May be null.
  std::shared_ptr<const CodeTables> tables = {};    ///< May be null.
};

class ScriptModule {
 public:
  /// Compiles, links and loads it once, on this thread. Script: a syntax error, an import that
  /// can't be resolved, code at the top level that throws, no function as default export.
  /// ScriptLimit: too large, or its top level runs past the limits. The place is file:line:column.
  static Result<std::shared_ptr<const ScriptModule>> compile(ScriptSources sources,
                                                             ScriptLimits limits = {});

  const ScriptLimits& limits() const { return limits_; }
  const std::string& entry() const { return sources_.entry; }
  const CodeTables& tables() const { return *sources_.tables; }

  /// The full name of what `importer` (a full name) means by `specifier`. Full names are a file's
  /// name, or "lib:" and a library file's.
  Result<std::string> resolve(std::string_view importer, std::string_view specifier) const;
  /// The text behind a full name; nullptr if there is none.
  const std::string* text(std::string_view full_name) const;

 private:
  ScriptModule(ScriptSources sources, ScriptLimits limits)
      : sources_(std::move(sources)), limits_(limits) {}

  ScriptSources sources_;
  ScriptLimits limits_;
};

}  // namespace causeway::script
